#pragma once
// New numpy arrays.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace quern::python {

using Shape = std::vector<std::size_t>;

inline std::size_t size_of(const Shape& shape) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  return size;
}

/// Uninitialised.
template <typename T>
nanobind::ndarray<nanobind::numpy, T> make_array(const Shape& shape) {
  auto* data = new T[size_of(shape)];
  const nanobind::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return {data, shape.size(), shape.data(), owner};
}

/// A copy of the values as T.
template <typename T, typename From>
nanobind::ndarray<nanobind::numpy, T> to_array(const std::vector<From>& values, const Shape& shape) {
  auto array = make_array<T>(shape);
  std::transform(values.begin(), values.end(), array.data(),
                 [](From value) { return static_cast<T>(value); });
  return array;
}

template <typename T, typename From>
nanobind::ndarray<nanobind::numpy, T> to_array(const std::vector<From>& values) {
  return to_array<T>(values, {values.size()});
}

}  // namespace quern::python
