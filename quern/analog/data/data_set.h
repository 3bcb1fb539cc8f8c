#pragma once
// Data sets by name: which files they have, where these are looked for, and how they become samples.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "quern/analog/data/samples.h"

namespace quern::analog {

struct DataSettings {
  std::string set = "digits";         // one of data_set_names()
  std::filesystem::path folder = {};  // where to look; of "features" also the file itself
  bool crop = false;                  // MNIST and Fashion-MNIST: the middle 22 rows and 24 columns
  std::uint64_t seed = 1;             // of the background of mnist-backrand
};

std::vector<std::string> data_set_names();

/// Reads and checks a data set. Throws base::Error that says which file is wanted and where it was looked
/// for, or what is wrong in which one; base::UsageError for settings that do not fit together.
///
/// "features" is a .safetensors file with the tensors train.features [n, f], train.labels [n], test.features
/// and test.labels, or a folder with train_features.npy, train_labels.npy, test_features.npy and
/// test_labels.npy.
DataSet load_data_set(const DataSettings& settings);

/// A file of a known data set.
struct KnownFile {
  std::string name;      // as it is published, without .gz
  std::string md5 = {};  // of the content unpacked; empty: not compared
};

struct KnownSet {
  std::string name;
  std::string content;               // "60,000 + 10,000 pictures 28x28"
  std::vector<std::string> folders;  // of data.dir, where the files are looked for
  std::vector<KnownFile> files;
  std::string terms;
  bool own_names = true;  // else another set's files have the same names, and only folders tell them apart
};
const std::vector<KnownSet>& known_sets();

/// Where a file of a set is found below folder, packed or not; empty when it is not there.
std::filesystem::path find_data_file(const std::filesystem::path& folder, const KnownSet& set,
                                     const KnownFile& file);

}  // namespace quern::analog
