#!/usr/bin/env bash
# Packs what a machine with a graphics card and no network needs to train the scenes model: this package, the art,
# the tokenizer, and diffusers. `training/scenes/pack.sh FOLDER`, after `python -m training.scenes --until art`.
# There (Python 3.12 with PyTorch, transformers, safetensors, tokenizers, pillow, tqdm): `bash FOLDER/train.sh OUT [MINUTES]`.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
out="$(mkdir -p "$1" && cd "$1" && pwd)"
cache="${HEARTH_CACHE:-$HOME/.cache/hearth}/training/scenes"

rm -rf "$out"/{code,cache,wheels,vae}
mkdir -p "$out/code/training" "$out/cache/training/scenes" "$out/wheels"
(cd "$root" && tar c --exclude __pycache__ training) | tar xC "$out/code"
cp -r "$cache/art.zip" "$cache/tokenizer" "$out/cache/training/scenes/"
# An autoencoder to go on from (VAE=FOLDER).
if [ -n "${VAE:-}" ]; then cp -r "$VAE" "$out/vae"; fi
# A judge that was trained here saves the time there.
if [ -e "$cache/judge.pt" ]; then cp "$cache/judge.pt" "$out/cache/training/scenes/"; fi
python3 -m pip download -q --no-deps --only-binary=:all: -d "$out/wheels" diffusers==0.42.1 importlib_metadata==8.7.0 zipp==3.23.0

cat >"$out/train.sh" <<'TRAIN'
#!/usr/bin/env bash
# train.sh OUT [MINUTES] [EVALUATION]: trains, exports and packs the model into OUT/model-*.tar*; with EVALUATION
# "yes" it trains the judge for two minutes and measures the model too.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"; out="$(mkdir -p "$1" && cd "$1" && pwd)"; minutes="${2:-10}"
python3 -m pip install -q --no-index --no-deps --no-compile --target /tmp/scenes-site "$here"/wheels/*.whl
export PYTHONPATH="$here/code:/tmp/scenes-site" PYTHONUNBUFFERED=1 HEARTH_CACHE="$here/cache" HEARTH_SCENES_MODEL="$out/model"
cd "$here/code"
start=(); if [ -d "$here/vae" ]; then start=(--vae-start "$here/vae"); fi
python3 -m training.scenes --device cuda --minutes "$minutes" "${start[@]}" --until model 2>&1 | tr '\r' '\n' | tee "$out/train.log"
tar cf "$out/model-adapter.tar" -C "$out" model/few-steps model/hearth.json model/knowledge.json model/tokenizer model/text_encoder model/scheduler model/model_index.json
tar cf - -C "$out" model/unet model/vae | split -b 15M -d -a 1 - "$out/model-networks.tar."
if [ "${3:-no}" = yes ]; then
  python3 -m training.scenes --device cuda --judge-minutes 2 --until card 2>&1 | tr '\r' '\n' | tee "$out/evaluate.log"
  cp "$out/model/README.md" "$out/card.md"
  (cd "$HEARTH_CACHE/training/scenes" && tar cf "$out/results.tar" report.json judge.pt sheet-*.png)
fi
rm -rf "$out/model"
TRAIN
du -sh "$out"
