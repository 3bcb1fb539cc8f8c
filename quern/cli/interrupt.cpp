#include "quern/cli/interrupt.h"

#include <csignal>

namespace quern::cli {
namespace {

// A signal handler can reach nothing but globals.
std::atomic<bool> stop_asked = false;
std::atomic<bool> abandon_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int) {
  if (stop_asked.exchange(true)) abandon_asked = true;
}

}  // namespace

void Interrupt::install() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a closed stderr must not end a run
}

const std::atomic<bool>& Interrupt::stop() {
  return stop_asked;
}
const std::atomic<bool>& Interrupt::abandon() {
  return abandon_asked;
}

}  // namespace quern::cli
