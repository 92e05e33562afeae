#!/usr/bin/env bash
# A run of 50 families, on one data set, and the board over them: runs/board/DATA-BUDGET/board.html. Finished runs are
# not trained again, and one that was stopped goes on. Absent: WaveNet, which makes sound, Deep Image Prior, which has
# one picture, and variants of what is there (cvae, acgan, gated_pixelcnn, …).
#
#   BUDGET=minutes   a minute of training for each family: whether everything runs
#   BUDGET=hour      five minutes: an afternoon
#   BUDGET=night     fifteen
#   BUDGET=40        or as many minutes as you like
#   SEEDS="1 2 3"    as many runs of each family; one otherwise
#   DATA=avatars     or fashion_mnist, or any other set of pictures
#   ONLY="gan vae"   these families only
#   SEARCH="0.3 1 3" each family tries its learning rates times these for a fifth of its minutes, and has the best for all
#   CLOCK=processor  minutes of the processor's time, for a machine that has other work; with OMP_NUM_THREADS=1, of one core
#   OPTIONS="trainer.precision=bf16-mixed"   further options of every run
#
# All have the same minutes on this machine: the first time, short trials tell a family's pace, and its turns are kept
# in runs/board/DATA-BUDGET/FAMILY.budget, the same for all seeds and after an interruption; schedules are functions of
# turns as ever. Remove such a file, and the family's runs, to measure anew. What is drawn at the end, and measured, is
# not counted; nor are the minutes of a teacher (rectified_flow, consistency), of a tokeniser (token_prior, maskgit,
# var) or of an autoencoder (latent_flow).
# Neither are those of a search, whose runs stay in FAMILY.search; what it chose stands in FAMILY.rates.
# The board's column says what the minutes were, where a machine had other work, or turns cost more later (WGAN).
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
BUDGET=${BUDGET:-hour} SEEDS=${SEEDS:-1} DATA=${DATA:-avatars} ONLY=${ONLY:-} CLOCK=${CLOCK:-wall}
SEARCH=${SEARCH:-}
case $BUDGET in
  minutes) minutes=1 ;;
  hour) minutes=5 ;;
  night) minutes=15 ;;
  *[!0-9]* | 0*) echo "BUDGET is minutes, hour, night or a number of minutes, not $BUDGET." >&2 && exit 2 ;;
  *) minutes=$BUDGET ;;
esac
place=runs/board/$DATA-$BUDGET
mkdir -p "$place"
last=1000000000 # turns between two drawings: only the last state is drawn
around=(logger=csv log_every=10 callbacks.grids.every=$last callbacks.{quality,films,memories,latents}.every=0)
unmeasured=(metrics=none objective=null) # figures are taken at the end
read -ra further <<< "${OPTIONS:-}"
classes=() # what a conditional family is told
[ "$DATA" = avatars ] && classes=(data.label=hairColor)

asked() { [ -z "$ONLY" ] || [[ " $ONLY " == *" $1 "* ]]; }

budget() { # a family, and options in which {1} stands for its length: those that have it, with numbers
  local file=$place/$1.budget
  if [ ! -s "$file" ]; then
    python -m benchmarks.budget "$minutes" "--clock=$CLOCK" "data=$DATA" "${@:2}" "${further[@]}" > "$file.part"
    mv "$file.part" "$file"
  fi
  mapfile -t settled < "$file"
}

search() { # a family, and the options of its run but for its length, which is settled
  local file=$place/$1.rates
  rates=()
  [ -n "$SEARCH" ] || return 0
  if [ ! -e "$file" ]; then
    python -m benchmarks.search "$place/$1.search" "${SEARCH// /,}" "${settled[@]/#/--length=}" "${@:2}" > "$file.part"
    mv "$file.part" "$file"
  fi
  mapfile -t rates < "$file"
}

train() { # a family, and the options of its run, for each seed
  local seed run word settled rates plain=("data=$DATA" "${around[@]}")
  asked "$1" || return 0
  for word in "${@:2}"; do
    [[ $word == *{[0-9]* ]] || plain+=("$word")
  done
  for seed in ${some:-$SEEDS}; do
    run=$place/$1-$seed
    if [ ! -e "$run/finished.json" ]; then
      budget "$@"
      search "$1" "${plain[@]}" "${further[@]}"
      python train.py "seed=$seed" "run=$run" "${plain[@]}" "${settled[@]}" "${unmeasured[@]}" "${further[@]}" "${rates[@]}"
    fi
    judge "$run"
  done
}

judge() { # a run, by features of each space that it has not been judged by
  local space judges=()
  for space in lite0 lite2 data_space; do
    [ -e "$1/judged-$space" ] || judges+=(--metrics $space)
  done
  [ ${#judges[@]} -gt 0 ] || return 0
  gen-models evaluate "$1" "${judges[@]}" --metric kid --metric precision --metric recall --figures memorisation
  touch "$1"/judged-{lite0,lite2,data_space}
}

made() { # the run of a family and a seed, or null; one that came without its checkpoints teaches nothing
  [ -n "$(compgen -G "$place/$1-$2/checkpoints/*.ckpt")" ] && echo "$place/$1-$2" || echo null
}

family() { # its name, and the options of its run
  train "$1" 'turns={1}' "${@:2}"
}

family gan model=gan
family cgan model=cgan "${classes[@]}"
family lapgan model=lapgan "${classes[@]}"
family dcgan model=dcgan
family gran model=gran
family lsgan model=lsgan
family tvgan model=tvgan
family wgan model=wgan
family wgan_gp model=wgan_gp
family dragan model=dragan
family sagan model=sagan "${classes[@]}" network.generator.width=16 network.discriminator.body.width=16
family sngan model=sngan
family relativistic model=relativistic
family r3gan model=r3gan
family stylegan2 model=stylegan2
if [ "$DATA" = avatars ]; then
  family biggan experiment=biginfogan/none
  family biginfogan experiment=biginfogan/scales
  family infogan experiment=infogan/avatars_32
  grown=('images={1}' model.average.halflife={5/68}) # stages take the same shares of any length
  train progan experiment=progan/avatars_32 "${grown[@]}" model.growth.{fade,stabilise}={2/17}
  train progressive_infogan experiment=progressive_infogan/avatars_32 "${grown[@]}" \
    'model.growth.fade=[0,{2/17}]' 'model.growth.stabilise=[{4/17},{2/17}]'
else
  family biggan model=biggan network.generator.attention=null model.optimizers.generator.lr=2e-4 model.optimizers.critic.lr=2e-4
  family infogan model=infogan
fi
family ae model=ae
family vae model=vae loss=logistic model.latent_dim=16
family draw model=draw loss=logistic
family vdvae model=vdvae
family vaegan model=vaegan
family aae model=aae
family nice model=nice
family realnvp model=realnvp data.batch_size=32
family glow model=glow data.batch_size=32
family tarflow model=tarflow
family pixelcnn model=pixelcnn data.batch_size=16
family pixelcnn_pp model=pixelcnn_pp data.batch_size=16
family row_lstm model=row_lstm data.batch_size=16
family igpt model=igpt data.batch_size=16
family flow_matching model=flow_matching
family edm model=edm
family ddpm model=ddpm
family vdm model=vdm
family masked_diffusion model=masked_diffusion
family latent_flow model=latent_flow # of codes of an autoencoder of its own
family meanflow model=meanflow
family dgn model=dgn data.flip=false
family glo model=glo data.flip=false
family vqgan model=vqgan
family var model=var # of tokens of a tokeniser of its own
if asked token_prior || asked maskgit; then
  family vqvae model=vqvae
  for seed in $SEEDS; do # without it they train a tokeniser of their own first
    some=$seed family token_prior model=token_prior "model.space=$(made vqvae "$seed")"
    some=$seed family maskgit model=maskgit "model.space=$(made vqvae "$seed")"
  done
fi
for seed in $SEEDS; do # without a teacher they learn from data alone
  some=$seed family rectified_flow model=rectified_flow "model.teacher=$(made flow_matching "$seed")"
  some=$seed family consistency model=consistency "model.teacher=$(made edm "$seed")"
done

finished=("$place"/*-[0-9]/finished.json) # another board may be training beside this one
runs=("${finished[@]%/finished.json}")
for metrics in lite0 lite2 data_space; do # what figures make of spoilt real items, beside one run for all
  [ -e "${runs[0]}/sane-$metrics" ] && continue
  gen-models sanity "${runs[0]}" --metrics $metrics --metric kid --metric precision --metric recall
  touch "${runs[0]}/sane-$metrics"
done
gen-models compare "${runs[@]}" --overwrite --out "$place/board.html" --out "$place/board.md"
