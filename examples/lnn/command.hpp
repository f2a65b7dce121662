// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <string>

/// The command line tool: one file per subcommand, what they share in files beside them.
namespace tool {

/// What the program returns to the shell.
enum exit_code {
  ok = 0,
  refused = 1,  ///< the network breaks a rule of the chip, or the two sides of a comparison differ
  usage = 2,    ///< unknown options, missing arguments, values out of range
  failed = 3,   ///< a file cannot be read, is damaged, or cannot be written
};
inline constexpr const char* exit_codes =
    "Exit codes: 0 done; 1 the chip refuses the network, or the compared runs differ; 2 wrong use; 3 a file cannot be read, "
    "is damaged, or cannot be written.";

/// Adds a subcommand; its function runs after parsing and gives the exit code.
template <class Run>
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& says, const std::string& examples, int& code, Run run) {
  CLI::App* sub = app.add_subcommand(name, says);
  sub->footer("Examples:\n" + examples + "\n" + exit_codes);
  sub->callback([&code, run] { code = run(); });
  return sub;
}

// `code` is where the subcommand that ran leaves its exit code.
void add_pack(CLI::App& app, int& code);
void add_run(CLI::App& app, int& code);
void add_info(CLI::App& app, int& code);
void add_check(CLI::App& app, int& code);
void add_compare(CLI::App& app, int& code);
void add_convert(CLI::App& app, int& code);

}  // namespace tool
