#include "store/audit_head.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <sys/stat.h>

using namespace jitbot;
using namespace jitbot::testing;

namespace {

AuditHead sample_head() {
  return {{"0123456789abcdef0123456789abcdef", 42, std::string(64, 'a')}, k_now};
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("an audit key is made once, private, with its public half beside it") {
  TempFolder folder;
  const auto path = folder.path("audit.key");
  const auto made = make_audit_key(path);
  REQUIRE(made.has_value());
  CHECK(mode_of(path) == 0600);
  CHECK(content(path).rfind("-----BEGIN PRIVATE KEY-----", 0) == 0);
  CHECK(content(path.string() + ".pub").rfind("-----BEGIN PUBLIC KEY-----", 0) == 0);

  const auto loaded = load_audit_key(path);
  REQUIRE(loaded.has_value());
  CHECK(loaded->public_key() == made->public_key());
  const auto public_half = load_audit_public_key(path.string() + ".pub");
  REQUIRE(public_half.has_value());
  CHECK(*public_half == made->public_key());
  CHECK(public_half->verify("bytes", loaded->sign("bytes")));
  CHECK_FALSE(public_half->verify("other", loaded->sign("bytes")));
  CHECK_FALSE(public_half->verify("bytes", "short"));

  const std::string before = content(path);
  const auto again = make_audit_key(path);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().kind == ErrorKind::conflict);
  CHECK(content(path) == before);
}

TEST_CASE("a key that others may read, that is no key or that is missing is refused") {
  TempFolder folder;
  const auto path = folder.path("audit.key");
  CHECK(load_audit_key(path).error().kind == ErrorKind::not_found);
  REQUIRE(make_audit_key(path).has_value());
  for (const mode_t mode : {0640U, 0604U, 0620U, 0610U}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    const auto loaded = load_audit_key(path);
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().kind == ErrorKind::refused);
    CHECK(loaded.error().message.find("chmod 600") != std::string::npos);
  }
  REQUIRE(::chmod(path.c_str(), 0400) == 0);
  CHECK(load_audit_key(path).has_value());

  const auto text = folder.path("text.key");
  std::ofstream(text) << "not a key";
  REQUIRE(::chmod(text.c_str(), 0600) == 0);
  CHECK(load_audit_key(text).error().kind == ErrorKind::invalid);
  CHECK(load_audit_public_key(text).error().kind == ErrorKind::invalid);
  REQUIRE(::chmod((path.string() + ".pub").c_str(), 0600) == 0);
  CHECK(load_audit_key(path.string() + ".pub").error().kind == ErrorKind::invalid);
  std::ofstream(text) << std::string(10000, 'x');
  CHECK(load_audit_key(text).error().kind == ErrorKind::invalid);
}

TEST_CASE("a head is one signed line that is read back whole") {
  TempFolder folder;
  const auto key = make_audit_key(folder.path("audit.key")).value();
  const auto path = folder.path("audit.head");
  CHECK(read_head(path).error().kind == ErrorKind::not_found);
  REQUIRE(write_head(key, path, sample_head()).has_value());
  AuditHead newer = sample_head();
  newer.tip.sequence = 43;
  REQUIRE(write_head(key, path, newer).has_value());

  const auto line = read_head(path);
  REQUIRE(line.has_value());
  CHECK(line->find('\n') == std::string::npos);
  CHECK(content(path) == *line + "\n");
  CHECK(verify_head(key.public_key(), *line).value() == newer);
  CHECK_FALSE(std::filesystem::exists(path.string() + ".new"));
}

TEST_CASE("a head that was changed, or signed by another, is refused") {
  TempFolder folder;
  const auto key = make_audit_key(folder.path("a.key")).value();
  const auto other = make_audit_key(folder.path("b.key")).value();
  const auto line = sign_head(key, sample_head());
  CHECK(verify_head(key.public_key(), line).has_value());
  CHECK(verify_head(other.public_key(), line).error().kind == ErrorKind::refused);

  const auto whole = nlohmann::json::parse(line);
  const std::pair<const char*, nlohmann::json> changes[] = {
      {"sequence", 41},
      {"sequence", -1},
      {"sequence", 42.0},
      {"sequence", 9'007'199'254'740'993},
      {"hash", std::string(64, 'b')},
      {"at", to_ms(k_now) + 1},
      {"at", -1},
      {"store", "other"},
      {"format", "jitbot-audit-head/2"},
      {"signature", ""},
      {"signature", "===="},
      {"signature", "AAAA"},
      {"signature", 7},
      {"extra", 1},
  };
  for (const auto& [name, value] : changes) {
    INFO(name << " = " << value);
    auto changed = whole;
    changed[name] = value;
    const auto result = verify_head(key.public_key(), changed.dump());
    // 42.0 is 42 to every reader of JSON: the same head.
    CHECK(result.has_value() == value.is_number_float());
  }
  for (const auto& [name, value] : whole.items()) {
    auto without = whole;
    without.erase(name);
    CHECK_FALSE(verify_head(key.public_key(), without.dump()).has_value());
  }
  for (const char* const text : {"", "[]", "{}", "null", "{\"signature\":"}) {
    CHECK(verify_head(key.public_key(), text).error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("a head and a store's end are the same, behind, ahead or strangers") {
  const AuditTip tip{"s", 10, "h10"};
  const auto relation = [&](std::int64_t sequence, const std::string& hash, std::optional<std::string> there,
                            const std::string& store_id = "s") {
    return compare_head(tip, there, AuditHead{{store_id, sequence, hash}, k_now});
  };
  CHECK(relation(10, "h10", "h10") == HeadRelation::same);
  CHECK(relation(7, "h7", "h7") == HeadRelation::store_ahead);
  CHECK(relation(0, std::string(64, '0'), std::nullopt) == HeadRelation::store_ahead);
  CHECK(relation(11, "h11", std::nullopt) == HeadRelation::head_ahead);
  CHECK(relation(7, "h7", "x7") == HeadRelation::diverged);
  CHECK(relation(10, "h10", std::nullopt) == HeadRelation::diverged);
  CHECK(relation(10, "h10", "h10", "other") == HeadRelation::diverged);
}
