#pragma once
// The limits that every comparison of integer policies with their float networks must hold.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace quern::policy {

/// shares: of equal decisions, one a net.
inline void expect_close(const std::string& what, std::vector<double> shares) {
  ASSERT_FALSE(shares.empty()) << what;
  std::sort(shares.begin(), shares.end());
  double mean = 0;
  for (const double share : shares) mean += share / static_cast<double>(shares.size());
  const double tenth = shares[shares.size() / 10];  // nine nets in ten are at least as good
  std::printf("%s, %zu nets: agreement %.3f in the mean, %.3f for nine nets in ten, %.3f at worst\n",
              what.c_str(), shares.size(), mean, tenth, shares.front());
  EXPECT_GE(mean, 0.95) << what;
  EXPECT_GE(tenth, 0.85) << what;
}

}  // namespace quern::policy
