# The target quern_version keeps generated/quern_version.h up to date.
add_custom_target(quern_version
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DPROJECT_VERSION=${PROJECT_VERSION}
          -DCMAKE_CXX_COMPILER_ID=${CMAKE_CXX_COMPILER_ID} -DCMAKE_CXX_COMPILER_VERSION=${CMAKE_CXX_COMPILER_VERSION}
          -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE} -DOUTPUT=${PROJECT_BINARY_DIR}/generated/quern_version.h
          -P ${PROJECT_SOURCE_DIR}/cmake/WriteVersion.cmake
  BYPRODUCTS ${PROJECT_BINARY_DIR}/generated/quern_version.h
  COMMENT "")
