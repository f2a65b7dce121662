// SPDX-License-Identifier: Apache-2.0
//
// lnn: checks, packs, runs, compares and explains networks for LUNA accelerators from the command line.
#include "command.hpp"

#include <cstdio>
#include <lnn/core/config.hpp>

int main(int argc, char** argv) {
  int code = tool::ok;
  CLI::App app{"Checks, packs, runs, compares and explains networks for LUNA accelerators (venus, arcs, venusA)."};
  app.name("lnn");
  app.require_subcommand(1);
  app.set_version_flag("--version", "lnn " + std::to_string(LNN_VERSION_MAJOR) + "." + std::to_string(LNN_VERSION_MINOR) + "." + std::to_string(LNN_VERSION_PATCH));
  app.footer(std::string("Every subcommand has examples of its own: lnn pack --help\n") + tool::exit_codes);
  tool::add_pack(app, code);
  tool::add_run(app, code);
  tool::add_info(app, code);
  tool::add_check(app, code);
  tool::add_compare(app, code);
  tool::add_convert(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    std::fprintf(stderr, "lnn: %s; see --help\n", e.what());
    return tool::usage;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "lnn: out of memory\n");
    return tool::failed;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "lnn: %s\n", e.what());
    return tool::failed;
  }
  return code;
}
