#include "tests/unit/store/store_fixture.hpp"

using namespace jitbot;
using namespace jitbot::testing;

namespace {

InboxRow inbox_row(const std::string& key, Time received) {
  InboxRow row;
  row.key = key;
  row.received = received;
  row.payload = R"({"text":"request staging"})";
  return row;
}

CardRow card_row(const std::string& subject) {
  CardRow card;
  card.subject.value = subject;
  card.face = CardRow::Face::requester;
  card.place = {"C0001", "1.2", user("U0002")};
  card.wanted = 3;
  card.shown = 2;
  card.message = MessageRef{"D0001", "1772330400.000100"};
  card.sending = CardRow::Sending::posting;
  card.next_at = k_now;
  card.failures = 4;
  return card;
}

NoticeRow notice_row(const std::string& key) {
  NoticeRow notice;
  notice.key = key;
  notice.kind = "warn";
  notice.place.direct = user("U0002");
  notice.subject.value = "7K3F";
  notice.args = R"({"n":1})";
  notice.created = k_now;
  notice.valid_until = k_now + 10min;
  notice.sending = NoticeRow::Sending::posting;
  notice.next_at = k_now + 1s;
  notice.failures = 1;
  return notice;
}

std::vector<CardRow> cards_of(StoreFixture& fixture, const std::string& subject) {
  return fixture.read([&](Tx& tx) { return tx.cards({subject}); });
}

}  // namespace

TEST_CASE("what the platform told us is taken once, in order") {
  StoreFixture fixture;
  bool first = false;
  bool again = true;
  fixture.write([&](Tx& tx) {
    first = tx.add_inbox(inbox_row("b", k_now));
    again = tx.add_inbox(inbox_row("b", k_now + 1s));
    tx.add_inbox(inbox_row("a", k_now + 2s));
  });
  CHECK(first);
  CHECK_FALSE(again);
  auto rows = fixture.read([](Tx& tx) { return tx.unfinished_inbox(10); });
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].key == "b");
  CHECK(rows[0].received == k_now);
  CHECK(rows[0].payload == inbox_row("b", k_now).payload);
  CHECK(rows[1].key == "a");
  CHECK(fixture.read([](Tx& tx) { return tx.unfinished_inbox(1); }).size() == 1);

  rows[0].failures = 5;
  rows[0].outcome = "parked";
  fixture.write([&](Tx& tx) { tx.put(rows[0]); });
  fixture.reopen();
  CHECK(fixture.read([](Tx& tx) { return tx.unfinished_inbox(10); }).size() == 1);
  const auto parked = fixture.read([](Tx& tx) { return tx.inbox("b"); });
  REQUIRE(parked.has_value());
  CHECK(parked->failures == 5);
  CHECK(parked->outcome == "parked");
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.inbox("c"); }).has_value());
}

TEST_CASE("finished messages lose their payload, later their key, unfinished ones keep both") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) {
    for (const char* const key : {"ancient", "old", "new"}) {
      InboxRow row = inbox_row(key, *key == 'a' ? k_now - 48h : *key == 'o' ? k_now - 2h : k_now);
      row.outcome = "done";
      tx.add_inbox(row);
    }
    tx.add_inbox(inbox_row("unfinished", k_now - 72h));
    tx.purge_inbox(k_now - 1h, k_now - 24h);
  });
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.inbox("ancient"); }).has_value());
  CHECK(fixture.read([](Tx& tx) { return tx.inbox("old"); })->payload.empty());
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.inbox("new"); })->payload.empty());
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.inbox("unfinished"); })->payload.empty());
}

TEST_CASE("a card is kept whole") {
  StoreFixture fixture;
  const CardRow wanted = card_row("7K3F");
  CardRow plain;
  plain.subject.value = "7K3F";
  plain.place.channel = "#access";
  fixture.write([&](Tx& tx) {
    tx.put(sample_request("7K3F"));
    tx.add(wanted);
    tx.add(plain);
  });
  const auto cards = cards_of(fixture, "7K3F");
  REQUIRE(cards.size() == 2);
  CHECK(cards[0].face == CardRow::Face::requester);
  CHECK(cards[0].place == wanted.place);
  CHECK(cards[0].wanted == 3);
  CHECK(cards[0].shown == 2);
  CHECK(cards[0].message == wanted.message);
  CHECK(cards[0].sending == CardRow::Sending::posting);
  CHECK(cards[0].next_at == k_now);
  CHECK(cards[0].failures == 4);
  CHECK(cards[1].face == CardRow::Face::approval);
  CHECK(cards[1].place == plain.place);
  CHECK(cards[1].shown == 0);
  CHECK_FALSE(cards[1].message.has_value());
  CHECK(cards[1].sending == CardRow::Sending::idle);
  CHECK(fixture.read([&](Tx& tx) { return tx.card_at(*wanted.message); })->id == cards[0].id);
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.card_at({"D0001", "2"}); }).has_value());
}

TEST_CASE("recording what a card shows never takes back a version wanted meanwhile") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) {
    tx.put(sample_request("7K3F"));
    tx.add(card_row("7K3F"));
  });
  CardRow sent = cards_of(fixture, "7K3F").front();
  fixture.write([](Tx& tx) { tx.want_cards({"7K3F"}); });
  sent.shown = 3;
  sent.sending = CardRow::Sending::idle;
  fixture.write([&](Tx& tx) { tx.put(sent); });
  const auto after = cards_of(fixture, "7K3F").front();
  CHECK(after.wanted == 4);
  CHECK(after.shown == 3);
  CHECK(after.sending == CardRow::Sending::idle);
}

TEST_CASE("cards to send are those that are behind, whose time has come, and that can be shown") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) {
    for (const char* const id : {"1111", "2222", "3333", "4444", "5555"}) tx.put(sample_request(id));
    CardRow card = card_row("1111");
    card.next_at = k_now - 1s;
    tx.add(card);
    tx.add(card_row("2222"));
    card = card_row("3333");
    card.shown = card.wanted;
    tx.add(card);
    card = card_row("4444");
    card.problem = "the channel is archived";
    tx.add(card);
    card = card_row("5555");
    card.next_at = k_now + 1s;
    tx.add(card);
  });
  const auto cards = fixture.read([](Tx& tx) { return tx.cards_to_send(k_now, 10); });
  REQUIRE(cards.size() == 2);
  CHECK(cards[0].subject.value == "1111");
  CHECK(cards[1].subject.value == "2222");
  CHECK(fixture.read([](Tx& tx) { return tx.cards_to_send(k_now, 1); }).size() == 1);
  // A card that could not be shown gets one try for the next truth.
  fixture.write([](Tx& tx) { tx.want_cards(RequestId{"4444"}); });
  CHECK(fixture.read([](Tx& tx) { return tx.cards_to_send(k_now, 10); }).size() == 3);
  CHECK(fixture.read([](Tx& tx) { return tx.next_message(); }) == k_now - 1s);
}

TEST_CASE("a notice is asked for once and told until it is finished") {
  StoreFixture fixture;
  bool first = false;
  bool again = true;
  fixture.write([&](Tx& tx) {
    tx.put(sample_request("7K3F"));
    first = tx.add(notice_row("JIT-7K3F/warn/1"));
    again = tx.add(notice_row("JIT-7K3F/warn/1"));
  });
  CHECK(first);
  CHECK_FALSE(again);
  CHECK(fixture.read([](Tx& tx) { return tx.notices_to_send(k_now, 10); }).empty());
  CHECK(fixture.read([](Tx& tx) { return tx.next_message(); }) == k_now + 1s);
  auto due = fixture.read([](Tx& tx) { return tx.notices_to_send(k_now + 1s, 10); });
  REQUIRE(due.size() == 1);
  const NoticeRow asked = notice_row("JIT-7K3F/warn/1");
  CHECK(due[0].key == asked.key);
  CHECK(due[0].kind == asked.kind);
  CHECK(due[0].place == asked.place);
  CHECK(due[0].subject == asked.subject);
  CHECK(due[0].args == asked.args);
  CHECK(due[0].created == asked.created);
  CHECK(due[0].valid_until == asked.valid_until);
  CHECK(due[0].sending == asked.sending);
  CHECK(due[0].failures == 1);

  due[0].sending = NoticeRow::Sending::idle;
  due[0].next_at = k_now + 1min;
  due[0].failures = 2;
  due[0].place = {"C9", "3.4", std::nullopt};
  fixture.write([&](Tx& tx) { tx.put(due[0]); });
  const auto moved = fixture.read([](Tx& tx) { return tx.notices_to_send(k_now + 1min, 10); });
  REQUIRE(moved.size() == 1);
  CHECK(moved[0].place == due[0].place);
  CHECK(moved[0].failures == 2);
  CHECK(moved[0].sending == NoticeRow::Sending::idle);

  fixture.write([&](Tx& tx) { tx.finish_notice(due[0].id); });
  CHECK(fixture.read([](Tx& tx) { return tx.notices_to_send(k_now + 1h, 10); }).empty());
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.next_message(); }).has_value());
}

TEST_CASE("the key of a finished notice stays known for thirty days") {
  StoreFixture fixture;
  const auto ask_at = [&](Time now) {
    bool added = false;
    fixture.write([&](Tx& tx) {
      NoticeRow notice = notice_row("clock");
      notice.subject.value.clear();
      notice.created = now;
      notice.valid_until = now + 1h;
      added = tx.add(notice);
    });
    return added;
  };
  REQUIRE(ask_at(k_now));
  const auto id = fixture.read([](Tx& tx) { return tx.notices_to_send(k_now + 1h, 10); }).front().id;
  fixture.write([&](Tx& tx) { tx.finish_notice(id); });
  CHECK_FALSE(ask_at(k_now + 29 * 24h));
  CHECK(ask_at(k_now + 31 * 24h));
}

TEST_CASE("names of channels are forgotten together, and resolved anew") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) {
    tx.put_channel("#access", "C2");
    tx.put_channel("#admins", "C1");
    tx.put_channel("#also-access", "C2");
  });
  CHECK(fixture.read([](Tx& tx) { return tx.known_channels(); }) == std::vector<std::string>{"C1", "C2"});
  fixture.write([](Tx& tx) {
    tx.forget_channels();
    tx.put_channel("#access", "C3");
  });
  fixture.reopen();
  CHECK(fixture.read([](Tx& tx) { return tx.known_channels(); }) == std::vector<std::string>{"C3"});
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.channel_id("#admins"); }).has_value());
}

TEST_CASE("linked accounts are kept, each under one person") {
  StoreFixture fixture;
  const PrincipalId account{"mattermost:s", "m1"};
  fixture.write([&](Tx& tx) { tx.put(AccountLink{account, user("U1"), k_now}); });
  fixture.write([&](Tx& tx) { tx.put(AccountLink{account, user("U2"), k_now}); });
  fixture.reopen();
  const auto links = fixture.read([](Tx& tx) { return tx.account_links(); });
  REQUIRE(links.size() == 1);
  CHECK(links.front().account == account);
  CHECK(links.front().person == user("U2"));
  CHECK(links.front().linked_at == k_now);
}

TEST_CASE("bindings, channels, policies and small facts are kept") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) {
    tx.put(Binding{user("U1"), "ada@example.com", k_now});
    tx.put_channel("#access", "C1");
    tx.put_policy("d1", "rules: []", k_now);
    tx.put_meta("high_water", "17");
  });
  fixture.write([](Tx& tx) {
    tx.put_channel("#access", "C2");
    tx.put_policy("d1", "something else", k_now);
    tx.put_meta("high_water", "18");
  });
  fixture.reopen();
  const auto binding = fixture.read([](Tx& tx) { return tx.binding(user("U1")); });
  REQUIRE(binding.has_value());
  CHECK(binding->email == "ada@example.com");
  CHECK(binding->bound_at == k_now);
  CHECK(fixture.read([](Tx& tx) { return tx.binding_of_email("ada@example.com"); })->principal == user("U1"));
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.binding(user("U2")); }).has_value());
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.binding_of_email("eve@example.com"); }).has_value());
  CHECK(fixture.read([](Tx& tx) { return tx.channel_id("#access"); }) == "C2");
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.channel_id("#other"); }).has_value());
  CHECK(fixture.read([](Tx& tx) { return tx.has_policy("d1"); }));
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.has_policy("d2"); }));
  CHECK(fixture.read([](Tx& tx) { return tx.meta("high_water"); }) == "18");
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.meta("nothing"); }).has_value());

  const auto taken = fixture.try_write([](Tx& tx) -> Result<void> {
    tx.put(Binding{user("U2"), "ada@example.com", k_now});
    return {};
  });
  CHECK_FALSE(taken.has_value());
}
