#pragma once

#include "bot/app/demo/mattermost/admin.hpp"
#include "bot/app/demo/mattermost/town.hpp"
#include "bot/model/secret.hpp"

// What is looked at before anything is made: what was typed, the token's file, the server and its settings.
namespace jitbot::town {

// Everything that can be wrong without asking anybody; the addresses go into `town`. invalid: with what to
// write instead.
Result<void> check_wishes(const cli::MattermostDemo& wishes, Town& town);

// Of a file that its owner alone can read.
Result<Secret> administrators_token(const std::filesystem::path& file);

// Whether this server and this token will do, and how people can decide there. Leaves nothing behind.
// `http` must outlive it.
Task<Result<void>> survey(net::HttpClient* http, std::shared_ptr<Admin> admin, cli::MattermostDemo wishes,
                          std::shared_ptr<Town> town);

}  // namespace jitbot::town
