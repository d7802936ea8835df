#pragma once

#include "bot/app/demo/private_postgres.hpp"

#include <map>
#include <string>
#include <vector>

namespace jitbot {

// A database as a company might have it: people who may log in to the server and reach nothing, roles that
// reach something, and a role for the bot that may lend them.
struct DemoDatabase {
  std::string name = "app";  // CONNECT is revoked from PUBLIC, as in every database of the server
  Secret bot_url;            // as role jitbot: ADMIN OPTION on the roles, may see and end sessions
  std::map<std::string, Secret> passwords;  // of each person
};

// Roles: staging_ro and metrics_ro may connect and read, prod_rw may connect, read and write. `people` become
// LOGIN roles without any right.
Result<DemoDatabase> make_demo_database(PrivatePostgres& postgres, std::vector<std::string> people);

}  // namespace jitbot
