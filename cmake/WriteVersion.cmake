# Runs at every build: writes the header anew only when the commit changed.
execute_process(COMMAND git describe --always --dirty --abbrev=9 WORKING_DIRECTORY ${SOURCE_DIR}
                OUTPUT_VARIABLE QUERN_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT QUERN_COMMIT)
  set(QUERN_COMMIT unknown)
endif()
configure_file(${SOURCE_DIR}/cmake/quern_version.h.in ${OUTPUT} @ONLY)
