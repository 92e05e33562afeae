#!/usr/bin/env bash
# A run of every family that draws pictures, on one data set, and the board over them: runs/board/DATA-BUDGET/board.html.
# Finished runs are not trained again, and one that was stopped goes on. Absent: WaveNet, which makes sound, and Deep
# Image Prior, which has one picture.
#
#   BUDGET=minutes   an eighth of the turns below, one seed: whether everything runs
#   BUDGET=hour      the turns below, one seed (three of BigGAN and BigInfoGAN): an hour or three on two cores
#   BUDGET=night     eight times as many turns, three seeds: a day of a machine like that, a night of a larger one
#   DATA=avatars     or fashion_mnist, or any other set of pictures
#   ONLY="gan vae"   these families only
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
BUDGET=${BUDGET:-hour} DATA=${DATA:-avatars} ONLY=${ONLY:-}
case $BUDGET in
  minutes) times=1 seeds="1" ;;
  hour) times=8 seeds="1" ;;
  night) times=64 seeds="1 2 3" ;;
  *) echo "BUDGET is minutes, hour or night, not $BUDGET." >&2 && exit 2 ;;
esac
place=runs/board/$DATA-$BUDGET
classes=() # what a conditional family is told
[ "$DATA" = avatars ] && classes=(data.label=hairColor)

asked() { [ -z "$ONLY" ] || [[ " $ONLY " == *" $1 "* ]]; }

train() { # a name, and the options of its run, for each seed
  local seed run
  asked "$1" || return 0
  for seed in ${some:-$seeds}; do
    run=$place/$1-$seed
    [ "$run/judged" -nt "$run/finished.json" ] && continue
    python train.py "data=$DATA" metrics=none objective=null logger=csv "seed=$seed" "run=$run" "${@:2}"
    for metrics in lite0 lite2 data_space; do
      gen-models evaluate "$run" --metrics $metrics --metric kid --metric precision --metric recall --figures memorisation
    done
    touch "$run/judged"
  done
}

made() { # the run of a family and a seed, or null
  [ -d "$place/$1-$2" ] && echo "$place/$1-$2" || echo null
}

family() { # a name, its turns in an hour's board, and the options of its run
  train "$1" "turns=$((($2 * times + 7) / 8))" "${@:3}"
}

family gan 971 model=gan
family cgan 700 model=cgan "${classes[@]}"
family lapgan 500 model=lapgan "${classes[@]}"
family dcgan 1062 model=dcgan
family gran 500 model=gran
family tvgan 600 model=tvgan
family wgan_gp 1000 model=wgan_gp
family sagan 300 model=sagan "${classes[@]}" network.generator.width=16 network.discriminator.body.width=16
family sngan 1000 model=sngan
family r3gan 300 model=r3gan
family stylegan2 200 model=stylegan2
if [ "$DATA" = avatars ]; then # recipes whose stages have lengths of their own
  [ "$BUDGET" = hour ] && some="1 2 3"
  family biggan 800 experiment=biginfogan/none
  family biginfogan 800 experiment=biginfogan/scales
  some=
  family infogan 2000 experiment=infogan/avatars_32
  train progan experiment=progan/avatars_32
  train progressive_infogan experiment=progressive_infogan/avatars_32
else
  family biggan 800 model=biggan network.generator.attention=null model.optimizers.generator.lr=2e-4 model.optimizers.critic.lr=2e-4
  family infogan 2000 model=infogan
fi
family ae 1000 model=ae
family vae 2000 model=vae loss=logistic model.latent_dim=16
family draw 500 model=draw loss=logistic
family vaegan 400 model=vaegan
family aae 1000 model=aae
family nice 1000 model=nice
family realnvp 300 model=realnvp data.batch_size=32
family glow 200 model=glow data.batch_size=32
family tarflow 200 model=tarflow
family pixelcnn 200 model=pixelcnn data.batch_size=16
family pixelcnn_pp 200 model=pixelcnn_pp data.batch_size=16
family row_lstm 150 model=row_lstm data.batch_size=16
family flow_matching 800 model=flow_matching
family edm 600 model=edm
family ddpm 600 model=ddpm
family meanflow 400 model=meanflow
family dgn 1500 model=dgn data.flip=false
family glo 1000 model=glo data.flip=false
if asked token_prior || asked maskgit; then
  family vqvae 800 model=vqvae
  for seed in $seeds; do # without it they train a tokeniser of their own first
    some=$seed family token_prior 400 model=token_prior "model.space=$(made vqvae "$seed")"
    some=$seed family maskgit 400 model=maskgit "model.space=$(made vqvae "$seed")"
  done
fi
for seed in $seeds; do # without a teacher they learn from data alone
  some=$seed family rectified_flow 150 model=rectified_flow "model.teacher=$(made flow_matching "$seed")"
  some=$seed family consistency 400 model=consistency "model.teacher=$(made edm "$seed")"
done

runs=("$place"/*-[0-9])
for metrics in lite0 lite2 data_space; do # what figures make of spoilt real items, beside one run for all
  gen-models sanity "${runs[0]}" --metrics $metrics --metric kid --metric precision --metric recall
done
gen-models compare "${runs[@]}" --overwrite --out "$place/board.html" --out "$place/board.md"
