#!/usr/bin/env bash
# A run of every family that draws pictures, on the same drawn heads, a few minutes each on a slow core, and the board over them:
# runs/board.html. Finished runs are not trained again. Absent: WaveNet, which makes sound, and Deep Image Prior, which has one picture.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

family() { # a name, and the options of its run
  local run=runs/board/$1
  python train.py data=avatars metrics=none objective=null logger=csv "run=$run" "${@:2}"
  for metrics in lite0 data_space; do
    gen-models evaluate "$run" --metrics $metrics --metric kid --metric precision --metric recall
  done
}

family gan model=gan turns=971
family cgan model=cgan data.label=hairColor turns=700
family lapgan model=lapgan data.label=hairColor turns=500
family dcgan model=dcgan images=68000
family gran model=gran turns=500
family tvgan model=tvgan turns=600
family wgan_gp model=wgan_gp turns=1000
family sagan model=sagan data.label=hairColor turns=300 network.generator.width=16 network.discriminator.body.width=16
for seed in 1 2 3; do
  family biggan-$seed experiment=biginfogan/none turns=800 seed=$seed
  family biginfogan-$seed experiment=biginfogan/scales turns=800 seed=$seed
done
family infogan experiment=infogan/avatars_32
family progan experiment=progan/avatars_32
family progressive_infogan experiment=progressive_infogan/avatars_32
family ae model=ae turns=1000
family vae model=vae loss=logistic model.latent_dim=16 turns=2000
family draw model=draw loss=logistic turns=500
family vaegan model=vaegan turns=400
family aae model=aae turns=1000
family nice model=nice turns=1000
family realnvp model=realnvp data.batch_size=32 turns=300
family glow model=glow data.batch_size=32 turns=200
family pixelcnn model=pixelcnn data.batch_size=16 turns=200
family row_lstm model=row_lstm data.batch_size=16 turns=150
family dgn model=dgn data.flip=false turns=1500
family glo model=glo data.flip=false turns=1000

gen-models compare runs/board/* --overwrite --out runs/board.html --out runs/board.md
