#pragma once

#include "bot/app/demo/demo_database.hpp"
#include "bot/app/demo/demo_folder.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What a newcomer is told.
namespace jitbot {

std::vector<std::string> demo_people();  // those who have a login at the database

// `PGPASSWORD=… psql -h 127.0.0.1 …`. The password is shown on purpose: the server is made for this run, on
// loopback, and nothing else knows it.
std::string login_line(const DemoDatabase& database, std::uint16_t port, const std::string& person);

// Beside the conversations of the page, plain text.
std::string page_banner(const DemoDatabase& database, std::uint16_t port);

struct GuideTo {
  const DemoDatabase& database;
  std::uint16_t database_port;
  const DemoFolder& folder;
};
// On the terminal, to the page.
std::string terminal_guide(const GuideTo& to, const std::string& page_url);

// What every guide ends with: where to look, where passwords are shown, what is left.
std::string look_further(const GuideTo& to, const std::string& shown, const std::string& afterwards);

}  // namespace jitbot
