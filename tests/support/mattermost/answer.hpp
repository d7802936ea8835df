#pragma once

#include "adapters/net/http.hpp"
#include "tests/support/mattermost/records.hpp"

#include <string>
#include <vector>

namespace jitbot::mattermost_stand_in {

// What the server says to one call. Status 0: nothing, the connection breaks.
struct Answer {
  int status = 200;
  Json json;         // null: `text` it is
  std::string text;  // text/plain
  net::Headers headers;
};

Answer good(Json json, int status = 200);
Answer done();  // {"status":"OK"}
Answer no_answer();
Answer failure(int status, const std::string& id, const std::string& message);
Answer forbidden();
Answer bad_body(const std::string& what);   // "Invalid or missing … in request body."
Answer bad_param(const std::string& what);  // "Invalid … parameter."

// One call as a handler sees it.
struct Call {
  std::string method;
  std::vector<std::string> parts;  // what stood for each {} and * of the route
  std::vector<net::FormField> query;
  Json body;  // discarded: it was no JSON
  std::string raw;
  std::string content_type;
  std::string user;   // the caller's id; empty: nobody in particular
  std::string token;  // as it was given

  std::string asked(std::string_view name) const;  // of the query
  int asked_number(std::string_view name, int otherwise) const;
};

// Fields of JSON from outside: empty, false and 0 where they are missing or of another type.
std::string text_of(const Json& object, const char* key);
bool flag_of(const Json& object, const char* key);
std::int64_t number_of(const Json& object, const char* key);
std::vector<std::string> texts_of(const Json& list);

}  // namespace jitbot::mattermost_stand_in
