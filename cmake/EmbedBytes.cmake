# cmake -DINPUT=FILE -DOUTPUT=FILE.cpp -DHEADER=a/header.h -DNAMESPACE=a::b -DFUNCTION=name -P EmbedBytes.cmake
# writes a C++ source that defines NAMESPACE::FUNCTION(), a span of the bytes of INPUT.
file(READ "${INPUT}" digits HEX)
string(LENGTH "${digits}" num_digits)
if(num_digits EQUAL 0)
  message(FATAL_ERROR "${INPUT} is empty")
endif()
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${digits}")
string(REPEAT "0x[0-9a-f][0-9a-f], " 16 sixteen)
string(REGEX REPLACE "(${sixteen})" "\\1\n    " bytes "${bytes}")
file(WRITE "${OUTPUT}" "// Generated from the build's copy of a binary file.
#include \"${HEADER}\"

namespace {

constexpr std::uint8_t kBytes[] = {
    ${bytes}
};

}  // namespace

std::span<const std::uint8_t> ${NAMESPACE}::${FUNCTION}() noexcept { return kBytes; }
")
