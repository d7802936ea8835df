#include "bot/app/head.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <fstream>
#include <sys/stat.h>

using namespace jitbot;
using namespace jitbot::testing;
namespace fs = std::filesystem;

namespace {

// A store with its audit key and signed head beside it.
struct Office {
  StoreFixture fixture;
  fs::path key = fixture.folder().path("audit.key");
  fs::path pub = fixture.folder().path("audit.key.pub");
  fs::path head = fixture.folder().path("audit.head");

  Result<HeadCheck> check() { return check_head(fixture.store(), key, head, k_now); }
  void an_event() {
    fixture.write([](Tx& tx) { tx.audit(sample_event(1)); });
  }
  std::string refused() {
    const auto checked = check();
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().kind == ErrorKind::invalid);
    return checked.error().message;
  }
};

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a store without any event gets its key and its first head") {
  Office office;
  const auto made = office.check();
  REQUIRE(made.has_value());
  CHECK(made->doubt == "");
  CHECK(load_audit_public_key(office.pub).value() == made->key.public_key());
  const auto head = verify_head(made->key.public_key(), read_head(office.head).value());
  REQUIRE(head.has_value());
  CHECK(head->tip == office.fixture.store().tip());

  const std::string before = content(office.key);
  const auto again = office.check();
  REQUIRE(again.has_value());
  CHECK(again->doubt == "");
  CHECK(content(office.key) == before);
}

TEST_CASE("a lost audit key is never made anew where anything was signed with it") {
  Office office;
  REQUIRE(office.check().has_value());
  fs::remove(office.key);
  SECTION("the public half and the head are there, though the store is empty") {
    CHECK(contains(office.refused(), "its public half or a signed head is there"));
  }
  SECTION("the public half alone") {
    fs::remove(office.head);
    CHECK(contains(office.refused(), "put the key back from your backup"));
  }
  SECTION("the head alone") {
    fs::remove(office.pub);
    CHECK(contains(office.refused(), "or move those away to begin anew"));
  }
  SECTION("events alone") {
    fs::remove(office.pub);
    fs::remove(office.head);
    office.an_event();
    CHECK(contains(office.refused(), "the store has 1 events signed with it"));
  }
  CHECK(contains(office.refused(), office.key.string()));
  CHECK_FALSE(fs::exists(office.key));
}

TEST_CASE("with public half and head moved away an empty store begins anew with another key") {
  Office office;
  const auto first = office.check();
  REQUIRE(first.has_value());
  for (const fs::path& file : {office.key, office.pub, office.head}) fs::remove(file);
  const auto second = office.check();
  REQUIRE(second.has_value());
  CHECK_FALSE(second->key.public_key() == first->key.public_key());
}

TEST_CASE("a lost public half is written anew from the key, for all to read") {
  Office office;
  const auto made = office.check();
  REQUIRE(made.has_value());
  office.an_event();
  const std::string before = content(office.pub);
  fs::remove(office.pub);
  REQUIRE(office.check().has_value());
  CHECK(content(office.pub) == before);
  struct stat status{};
  REQUIRE(::stat(office.pub.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0644U);
}

TEST_CASE("a missing head is no doubt for an empty store and one for a store with events") {
  Office office;
  REQUIRE(office.check().has_value());
  fs::remove(office.head);
  const auto empty = office.check();
  REQUIRE(empty.has_value());
  CHECK(empty->doubt == "");
  CHECK(fs::exists(office.head));
  office.an_event();
  fs::remove(office.head);
  const auto cut = office.check();
  REQUIRE(cut.has_value());
  CHECK(contains(cut->doubt, "is missing"));
  CHECK_FALSE(fs::exists(office.head));
}

TEST_CASE("a head that another key signed, or nobody, is refused and left as it is") {
  Office office;
  REQUIRE(office.check().has_value());
  SECTION("another key") {
    const auto other = make_audit_key(office.fixture.folder().path("other.key"));
    REQUIRE(other.has_value());
    REQUIRE(write_head(*other, office.head, {office.fixture.store().tip(), k_now}).has_value());
  }
  SECTION("nobody") {
    std::ofstream(office.head) << "{}\n";
  }
  const std::string before = content(office.head);
  CHECK(contains(office.refused(), "is not signed by the audit key"));
  CHECK(content(office.head) == before);
}

TEST_CASE("what the head tells of and the store does not have is a doubt") {
  Office office;
  const auto made = office.check();
  REQUIRE(made.has_value());
  office.an_event();
  AuditTip tip = office.fixture.store().tip();
  SECTION("the same") {
    REQUIRE(write_head(made->key, office.head, {tip, k_now}).has_value());
    CHECK(office.check().value().doubt == "");
  }
  SECTION("the store ends before it") {
    tip.sequence += 1;
    REQUIRE(write_head(made->key, office.head, {tip, k_now}).has_value());
    CHECK(contains(office.check().value().doubt, "ends before the signed head"));
  }
  SECTION("other events") {
    tip.hash = std::string(tip.hash.size(), 'a');
    REQUIRE(write_head(made->key, office.head, {tip, k_now}).has_value());
    CHECK(contains(office.check().value().doubt, "not those that the signed head tells of"));
  }
}
