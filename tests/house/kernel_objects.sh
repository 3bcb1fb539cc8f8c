#!/usr/bin/env bash
# Objects compiled for one instruction set define nothing that the linker could share with others, or others could call
# on a machine without it: no function and no inline code, only their table (design decision 9). Constants that are
# the same wherever they are defined ('u') and the compiler's reference to its personality are no code.
#
#   kernel_objects.sh BUILD_DIRECTORY
set -euo pipefail
objects=$(find "$1/parts" -name '*_avx2.cpp.o' -o -name '*_avx512.cpp.o' -o -name '*_vnni.cpp.o' -o -name '*_amx.cpp.o')
[ "$(wc -w <<<"$objects")" -ge 9 ] || { echo "error: fewer kernel objects than there are kernels: $objects" >&2; exit 1; }
found=0
for object in $objects; do
  symbols=$(nm --defined-only --demangle "$object" | awk '$2 ~ /[TWVi]/ && $0 !~ /DW\.ref\.__gxx_personality_v0/')
  [ -z "$symbols" ] || { echo "error: $object defines code that others can see:" $'\n'"$symbols" >&2; found=1; }
done
exit $found
