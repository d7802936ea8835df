#include "tests/unit/config/folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace jitbot;
using config_sample::said_of;
using config_sample::with;

namespace {

std::string one(const std::string& connector) {
  return with("connectors: {c: " + connector + "}");
}

const std::string k_exec = "{type: exec, present: [p], absent: [a], observe: [o], ";

}  // namespace

TEST_CASE("connectors are checked", "[config][connectors]") {
  struct Case {
    std::string connector;
    std::string said;
  };
  const std::vector<Case> cases = {
      {"{}", "j.yaml:4:17: connectors.c: type is missing; it must be postgres, exec or lookup\n"},
      {"[]", "j.yaml:4:17: connectors.c: must be a map with type: postgres, exec or lookup\n"},
      {"{type: ssh-ca}",
       "j.yaml:4:24: connectors.c.type: \"ssh-ca\" is not allowed here; it must be postgres, exec or "
       "lookup\n"},
      {"{type: lookup, url: x}",
       "j.yaml:4:32: connectors.c.url: unknown key; allowed: type, account, on_existing, timeout, "
       "concurrency, "
       "drift\n"},
      {"{type: exec, present: [p], absent: []}",
       "j.yaml:4:17: connectors.c.observe: is missing; an exec connector needs it\n"
       "j.yaml:4:52: connectors.c.absent: must name a program and its arguments\n"},
      {"{type: exec, present: p, absent: [\"\"], observe: [\"{{account}}\"]}",
       "j.yaml:4:39: connectors.c.present: must be a list, not text\n"
       "j.yaml:4:51: connectors.c.absent[0]: must not be empty\n"
       "j.yaml:4:66: connectors.c.observe[0]: the program itself cannot be a template\n"},
      {"{type: exec, present: [p, \"{{until}}{{acount}}\"], absent: [a, \"{{until}}\"], observe: [\"-o\"]}",
       "j.yaml:4:43: connectors.c.present[1]: {{acount}} is not known here; known are account, role, "
       "resource, grant, "
       "params.*, until\n"
       "j.yaml:4:79: connectors.c.absent[1]: {{until}} is not known here; known are account, role, resource, "
       "grant, "
       "params.*\n"
       "j.yaml:4:103: connectors.c.observe[0]: the program's name must not begin with '-'\n"},
      {k_exec + "env: {\"A B\": x, API_TOKEN: plain, MODE: plain}}",
       "j.yaml:4:84: connectors.c.env.\"A B\": is not the name of an environment variable\n"},
      {k_exec + "env: {API_TOKEN: plain, MODE: plain}}",
       "j.yaml:4:88: connectors.c.env.API_TOKEN: the secret itself stands here; use ${NAME} or file:PATH "
       "instead\n"},
      {k_exec + "on_existing: drop, timeout: 1h, concurrency: 0, drift: 2d}",
       "j.yaml:4:84: connectors.c.on_existing: \"drop\" is not allowed here; it must be keep or refuse\n"
       "j.yaml:4:99: connectors.c.timeout: must be from 1s to 10m\n"
       "j.yaml:4:116: connectors.c.concurrency: must be a whole number from 1 to 64\n"
       "j.yaml:4:126: connectors.c.drift: must be from 1s to 1d\n"},
      {k_exec + "account: {claim: email_local}}",
       "j.yaml:4:80: connectors.c.account: email_local needs domains: the ones whose people these are\n"},
      {k_exec + "account: {claim: uid}}",
       "j.yaml:4:88: connectors.c.account.claim: \"uid\" is not allowed here; it must be email or "
       "email_local\n"},
      {k_exec + "account: {}}",
       "j.yaml:4:80: connectors.c.account: must have claim: email, claim: email_local with domains, or "
       "map\n"},
      {k_exec + "account: {claim: email, domains: [\"@x\"]}}",
       "j.yaml:4:105: connectors.c.account.domains[0]: is not a domain such as example.com\n"},
      {k_exec + "account: {map: {a@x.example: al, b@x.example: al, c: d, A@x.example: e}, claim: email}}",
       "j.yaml:4:117: connectors.c.account.map.\"b@x.example\": account \"al\" is mapped to a@x.example "
       "already\n"
       "j.yaml:4:124: connectors.c.account.map.c: is not an e-mail\n"
       "j.yaml:4:140: connectors.c.account.map.\"A@x.example\": this e-mail stands twice\n"
       "j.yaml:4:151: connectors.c.account.claim: an account has claim or map, not both\n"},
  };
  for (const Case& row : cases) {
    INFO(row.connector);
    CHECK(said_of(one(row.connector)) == row.said);
  }
}

TEST_CASE("a database's URL is checked and its password kept out of the file", "[config][connectors]") {
  const std::string wrong =
      "j.yaml:4:39: connectors.c.url: must be a PostgreSQL URL such as "
      "postgresql://jitbot@db.example.com:5432/postgres?sslmode=verify-full\n";
  const std::string literal =
      "j.yaml:4:39: connectors.c.url: a password stands here; use ${NAME} or file:PATH for the URL or the "
      "password in "
      "it\n";
  const std::string unchecked =
      "j.yaml:4:39: connectors.c.url: the server's identity is not checked; add ?sslmode=verify-full\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"postgresql://u@localhost/db", ""},
      {"postgresql://u:${LOOKUP}@127.0.0.1/db", ""},
      {"postgresql:///db?host=/run/postgresql", ""},
      {"postgresql://u:secret@localhost/db", literal},
      {"postgresql://u@localhost/db?password=secret", literal},
      {"postgresql://u@db.example.com/db", unchecked},
      {"postgresql://u@localhost,db.example.com/db", unchecked},
      {"postgresql://u@db.example.com/db?sslmode=require", unchecked},
      {"postgres://u@db.example.com/db?sslmode=verify-full", ""},
      {"postgresql://u:secret@db.example.com/db", literal + unchecked},
      {"mysql://u@localhost/db", wrong},
      {"host=localhost password=secret", wrong},
      {"postgresql://u:secret@localhost:port:x/db?nonsense=1", wrong},
  };
  for (const auto& [url, said] : cases) {
    INFO(url);
    CHECK(said_of(one("{type: postgres, url: \"" + url + "\"}")) == said);
  }
}

TEST_CASE("the policy's digest sees the connectors, and never a secret of them", "[config][connectors]") {
  const config_sample::Folder folder;
  const auto known = [&](const std::string& connectors) {
    return known_connectors(config_sample::load(folder, with("connectors: " + connectors)));
  };
  const KnownConnectors all = known("{db: {type: postgres, url: \"${DB}\"}, x: " + k_exec +
                                    "env: {TOKEN: \"${LOOKUP}\"}}, w: {type: lookup}}");
  CHECK(all.names == std::set<std::string>{"db", "w", "x"});
  CHECK(all.required_grants.at("db") == std::set<std::string>{"role"});
  CHECK(all.canonical.find("hunter2") == std::string::npos);
  CHECK(all.canonical.find("look\"") == std::string::npos);
  const auto json = nlohmann::json::parse(all.canonical);
  CHECK(json["db"]["server"] ==
        nlohmann::json({{"host", "127.0.0.1"}, {"port", "5432"}, {"user", "jit"}, {"dbname", "app"}}));
  CHECK(json["x"]["env"] == nlohmann::json({"TOKEN"}));
  CHECK(json["x"]["present"] == nlohmann::json({"p"}));
  CHECK(json["w"]["type"] == "lookup");
  CHECK(json["w"]["timeout_ms"] == 30000);

  CHECK(known("{w: {type: lookup}, v: {type: lookup}}").canonical ==
        known("{v: {type: lookup}, w: {type: lookup}}").canonical);
  CHECK(known("{w: {type: lookup}}").canonical != known("{w: {type: lookup, timeout: 10s}}").canonical);
  CHECK(known("{w: {type: lookup}}").canonical !=
        known("{w: {type: lookup, account: {claim: email, domains: [x.example]}}}").canonical);
}
