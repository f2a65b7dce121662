// SPDX-License-Identifier: Apache-2.0
// measure RUNS SECONDS MEGABYTES NAME COMMAND...   runs a command and prints one row: least CPU time and least peak
// memory of all its processes.  Exit code: 0 within the limits, +2 too slow, +4 too large, 1 the command failed.
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 6) return 1;
  const int runs = std::atoi(argv[1]);
  const double most_seconds = std::atof(argv[2]), most_megabytes = std::atof(argv[3]);
  double seconds = 1e9, megabytes = 1e9;
  for (int i = 0; i < runs; ++i) {
    const pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
      execvp(argv[5], argv + 5);
      std::perror(argv[5]);
      _exit(127);
    }
    // wait4 adds up the time of the child and of what it waited for: the compiler driver and its passes.
    int status = 0;
    rusage used{};
    if (wait4(child, &status, 0, &used) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return 1;
    const auto value = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    seconds = std::min(seconds, value(used.ru_utime) + value(used.ru_stime));
#ifdef __APPLE__
    const double unit = 1;  // bytes
#else
    const double unit = 1024;  // the kernel counts in KiB
#endif
    megabytes = std::min(megabytes, static_cast<double>(used.ru_maxrss) * unit * 1e-6);
  }
  std::printf("%-24s %7.2f %7.2f %7.0f %7.0f\n", argv[4], seconds, most_seconds, megabytes, most_megabytes);
  return (seconds > most_seconds ? 2 : 0) + (megabytes > most_megabytes ? 4 : 0);
}
