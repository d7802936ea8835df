#include "bot/record/record.hpp"

#include "tests/unit/record/record_office.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

// The Recorder over the real store: what was said is written whole.
namespace jitbot::testing {

namespace {

const EntitlementId k_first{1};

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::count(all, one) > 0;
}

}  // namespace

TEST_CASE("asking writes the request, a card for each place, the time-out and the audit in one transaction") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea");
  CHECK(office.request(id).state == RequestState::pending);
  const auto cards = office.cards(id);
  REQUIRE(cards.size() == 3);
  CHECK(cards[0].place.channel == "#approvals");
  CHECK(cards[0].face == CardRow::Face::approval);
  CHECK(cards[1].place.channel == "#audit");
  CHECK(cards[2].face == CardRow::Face::requester);
  CHECK(cards[2].place == direct(id_of("bea")));
  for (const CardRow& card : cards) CHECK((card.wanted == 1 && card.shown == 0 && card.next_at == k_start));
  CHECK(office.due(DueKind::request, "R001") == k_start + 4h);
  CHECK(office.actions("JIT-R001") == std::vector<std::string>{"request.asked"});
}

TEST_CASE("a transaction that fails leaves nothing: no row, no card, no due time, no event") {
  RecordOffice office;
  office.ask("R001", "bea");
  const auto before = office.dump();
  const auto audits = office.audit_count();
  Request other = office.request(RequestId{"R001"});
  other.id.value = "R002";
  other.asked.beneficiary = other.asked.asker = id_of("cleo");
  other.asked.account = "cleo";
  other.state = RequestState::approved;
  office.write_and_fail([&](Recorder& record) { record.ask(other); });
  CHECK(office.dump() == before);
  CHECK(office.audit_count() == audits);
}

TEST_CASE("the deciding approval opens the grant with its latest end in the same transaction") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea");
  office.act(id, "lena", RequestEvent::approve);
  office.act(id, "leo", RequestEvent::approve);
  CHECK(office.cards(id).front().wanted == 3);
  office.now += 10min;
  office.act(id, "sam", RequestEvent::approve);
  office.store().reopen();  // durable
  CHECK(office.request(id).state == RequestState::approved);
  const Grant grant = office.grant(id);
  CHECK(grant.state == GrantState::activating);
  CHECK(grant.latest_end == office.now + 15min + 1h);
  CHECK(office.due(DueKind::request, "R001") == std::nullopt);
  CHECK(office.due(DueKind::grant, "R001") == office.now + 15min);
  CHECK(office.due(DueKind::call, "1") == office.now);
  CHECK(office.entitlement(k_first).state == EntitlementState::baseline);
  CHECK_FALSE(office.entitlement(k_first).present_started);
  CHECK(office.actions("JIT-R001") == std::vector<std::string>{"request.asked", "request.vote",
                                                               "request.vote", "request.approved",
                                                               "grant.created"});
  CHECK(office.actions("entitlement:1") == std::vector<std::string>{"entitlement.baseline"});
}

TEST_CASE("a rule that needs nobody makes the grant in the transaction of the question") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea", true);
  CHECK(office.grant(id).state == GrantState::activating);
  CHECK(office.actions("JIT-R001") == std::vector<std::string>{"request.approved_by_rule", "grant.created"});
  CHECK(office.due(DueKind::request, "R001") == std::nullopt);
}

TEST_CASE("from active to proven absent: cards wanted anew, people told once, dues gone") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea");
  office.approve_all(id);
  office.now += 5s;
  office.activate(k_first);
  CHECK(office.grant(id).state == GrantState::active);
  const Time end = office.now + 1h;
  CHECK(office.grant(id).end() == end);
  CHECK(office.due(DueKind::grant, "R001") == end - 10min);
  CHECK(has(office.notice_keys(), "JIT-R001/usable"));

  office.now = end - 10min;
  office.write([&](Recorder& record) { record.settle_grant(id); });
  office.write([&](Recorder& record) { record.settle_grant(id); });
  const auto warned = office.notice_keys();
  CHECK(std::ranges::count_if(warned,
                              [](const std::string& key) { return key.starts_with("JIT-R001/warn/"); }) == 1);
  CHECK(office.due(DueKind::grant, "R001") == end);

  office.now = end + 1s;
  office.write([&](Recorder& record) { record.settle_grant(id); });
  CHECK(office.grant(id).state == GrantState::ending);
  CHECK(office.grant(id).end_wanted_at == end);
  CHECK(office.due(DueKind::grant, "R001") == std::nullopt);
  CHECK(office.due(DueKind::alarm, "1") == end + 60s);
  const auto wanted = office.cards(id).front().wanted;
  office.remove(k_first);
  CHECK(office.grant(id).ended_as == EndedAs::absent);
  CHECK(office.cards(id).front().wanted > wanted);
  CHECK(office.due(DueKind::alarm, "1") == std::nullopt);
  CHECK(office.due(DueKind::call, "1") == office.now + 60s);
  CHECK(has(office.notice_keys(), "JIT-R001/ended"));

  office.now += 60s;
  office.call(k_first, Presence::absent);
  CHECK(office.entitlement(k_first).state == EntitlementState::rest);
  CHECK(office.due(DueKind::call, "1") == std::nullopt);
}

TEST_CASE("two grants on one entitlement: the first that ends is held by the other") {
  RecordOffice office;
  const auto first = office.ask("R001", "bea", true);
  const auto second = office.ask("R002", "bea", true, 2h);
  CHECK(office.grant(second).entitlement == office.grant(first).entitlement);
  office.activate(k_first);
  CHECK(office.grant(second).state == GrantState::active);
  office.now += 1min;
  office.grant_event(first, GrantEvent::done);
  CHECK(office.grant(first).ended_as == EndedAs::held);
  CHECK(office.grant(first).note.starts_with("JIT-R002 until "));
  CHECK(office.grant(second).state == GrantState::active);
  CHECK(office.entitlement(k_first).state == EntitlementState::ours);
  CHECK(office.actions("JIT-R001").back() == "grant.ended");
}

TEST_CASE("a vote after the time-out is refused though no timer fired") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea");
  office.act(id, "lena", RequestEvent::approve);
  office.act(id, "sam", RequestEvent::approve);
  office.now = k_start + 4h;
  const auto out = office.act(id, "leo", RequestEvent::approve);
  CHECK_FALSE(out.changed);
  CHECK(office.request(id).state == RequestState::timed_out);
  CHECK_FALSE(office.read([&](Tx& tx) { return tx.grant(id); }));
  CHECK(has(office.actions("JIT-R001"), "request.timed_out"));
  CHECK(has(office.notice_keys(), "JIT-R001/decided"));
}

TEST_CASE("an extension that is approved in time moves the end and what is due") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea", true);
  office.activate(k_first);
  const Time end = office.grant(id).end();
  const auto wanted = office.cards(id).front().wanted;
  const auto extension = office.ask_extension("R002", id, 30min);
  CHECK(office.cards(id).front().wanted > wanted);  // the grant's card shows what waits
  CHECK(office.due(DueKind::request, "R002") == end);
  office.act(extension, "lena", RequestEvent::approve);
  CHECK(office.request(extension).state == RequestState::approved);
  CHECK(office.grant(id).end() == end + 30min);
  CHECK(office.due(DueKind::grant, "R001") == end + 20min);
  CHECK(has(office.actions("JIT-R001"), "grant.extended"));
  CHECK_FALSE(office.read([&](Tx& tx) { return tx.grant(extension); }));
}

TEST_CASE("an extension that is approved after the end prolongs nothing: denied, ended meanwhile") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea", true);
  office.activate(k_first);
  const auto extension = office.ask_extension("R002", id, 30min);
  const Time end = office.grant(id).end();
  SECTION("the grant was given back") {
    office.grant_event(id, GrantEvent::done);
  }
  SECTION("the grant is proven gone") {
    office.grant_event(id, GrantEvent::done);
    office.write([&](Recorder& record) {
      Request waiting = *record.tx().request(extension);
      waiting.times_out_at += 24h;
      record.tx().put(waiting);
    });
  }
  SECTION("its end passes with the vote") {
    office.write([&](Recorder& record) {
      Request waiting = *record.tx().request(extension);
      waiting.times_out_at += 24h;  // only the grant's own end stands in the way
      record.tx().put(waiting);
    });
    office.now = end;
  }
  office.act(extension, "lena", RequestEvent::approve);
  const Request late = office.request(extension);
  CHECK(late.state == RequestState::denied);
  CHECK(late.decision_reason == "ended meanwhile; ask again");
  CHECK(office.grant(id).state == GrantState::ending);
  CHECK(office.grant(id).end() == end);
  CHECK(office.actions("JIT-R002").back() == "request.denied");
  CHECK(has(office.notice_keys(), "JIT-R002/decided"));
}

TEST_CASE("an automatic extension of a grant that ended is denied in its own transaction") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea", true);
  office.activate(k_first);
  office.grant_event(id, GrantEvent::done);
  const auto extension = office.ask_extension("R002", id, 30min, true);
  CHECK(office.request(extension).state == RequestState::denied);
  CHECK(office.grant(id).state == GrantState::ending);
}

TEST_CASE("an extension that waits when its grant is proven gone is over with it") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea", true);
  office.activate(k_first);
  const auto extension = office.ask_extension("R002", id, 30min);
  office.grant_event(id, GrantEvent::done);
  office.remove(k_first);
  CHECK(office.grant(id).ended_as == EndedAs::absent);
  CHECK(office.request(extension).state == RequestState::timed_out);
  CHECK(office.due(DueKind::request, "R002") == std::nullopt);
}

TEST_CASE("a deactivated beneficiary: grants end and requests are cancelled, those of others stay") {
  RecordOffice office;
  const auto granted = office.ask("R001", "bea", true);
  const auto pending = office.ask("R002", "bea");
  const auto other = office.ask("R003", "cleo");
  office.activate(k_first);
  office.write([&](Recorder& record) { CHECK(record.deactivate(id_of("bea")) == 2); });
  CHECK(office.grant(granted).state == GrantState::ending);
  CHECK(office.grant(granted).cause == EndCause::deactivated);
  CHECK(office.request(pending).state == RequestState::cancelled);
  CHECK(office.request(pending).decided_by == system_principal("directory"));
  CHECK(office.request(other).state == RequestState::pending);
  const auto before = office.dump();
  const auto audits = office.audit_count();
  office.write([&](Recorder& record) { CHECK(record.deactivate(id_of("bea")) == 0); });
  CHECK(office.dump() == before);
  CHECK(office.audit_count() == audits);
}

TEST_CASE("an asker who alone is deactivated takes nothing from the beneficiary") {
  RecordOffice office;
  Request request = sample_request();  // asked by ann for bea
  office.write([&](Recorder& record) { record.ask(request); });
  office.write([&](Recorder& record) { CHECK(record.deactivate(id_of("ann")) == 0); });
  CHECK(office.request(request.id).state == RequestState::pending);
}

TEST_CASE("a deactivation finds a request that had timed out already as what it is") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea");
  office.now = k_start + 5h;
  office.write([&](Recorder& record) { CHECK(record.deactivate(id_of("bea")) == 0); });
  CHECK(office.request(id).state == RequestState::timed_out);
}

TEST_CASE("abandoned: its grants end abandoned, never confirmed absent, and nothing is due any more") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea", true);
  office.activate(k_first);
  office.grant_event(id, GrantEvent::done);
  office.now += 2min;
  office.write([&](Recorder& record) {
    const auto access = record.access(k_first);
    record.save(entitlement_event(*access, abandon(access->entitlement, id_of("lena"), "scrap", office.now),
                                  office.now));
  });
  CHECK(office.grant(id).ended_as == EndedAs::abandoned);
  CHECK(office.entitlement(k_first).state == EntitlementState::rest);
  CHECK(office.due(DueKind::call, "1") == std::nullopt);
  CHECK(office.due(DueKind::alarm, "1") == std::nullopt);
  CHECK(has(office.actions("entitlement:1"), "entitlement.abandoned"));
}

TEST_CASE("a notice that is asked for twice is told once") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea");
  for (int i = 0; i < 2; ++i) {
    office.write([&](Recorder& record) {
      record.notice(NoticeKind::decided, "JIT-R001/decided", direct(id_of("bea")), id,
                    nlohmann::json::object(), 1h);
      record.notice_admins(NoticeKind::time_step, "time/1", {}, nlohmann::json::object());
    });
  }
  CHECK(office.notice_keys() == std::vector<std::string>{"JIT-R001/decided", "time/1/admins"});
}

TEST_CASE("a vote that is void is told to the voter, each time it happens") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea");
  Facts without_sam = all_facts();
  without_sam.groups.at(std::string(k_security))->erase(id_of("sam"));
  office.act(id, "sam", RequestEvent::approve);
  office.act(id, "lena", RequestEvent::approve);
  CHECK(office.act(id, "leo", RequestEvent::approve, "", without_sam).voided.size() == 1);
  CHECK(office.notices().size() == 1);
  office.now += 1min;
  CHECK(office.act(id, "leo", RequestEvent::withdraw).changed);
  office.now += 1min;
  office.act(id, "sam", RequestEvent::approve);
  office.now += 1min;
  CHECK(office.act(id, "leo", RequestEvent::approve, "", without_sam).voided.size() == 1);
  CHECK(office.notices().size() == 2);
  for (const NoticeRow& notice : office.notices()) {
    CHECK(notice.kind == to_string(NoticeKind::vote_voided));
    CHECK(notice.place == direct(id_of("sam")));
  }
}

TEST_CASE("reappeared and resolved are told to the administrators") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea", true);
  office.activate(k_first);
  office.grant_event(id, GrantEvent::done);
  office.remove(k_first);
  office.now += 60s;
  office.call(k_first, Presence::present);
  CHECK(office.entitlement(k_first).state == EntitlementState::removing);
  CHECK(office.due(DueKind::alarm, "1") == office.now);
  office.write(
      [&](Recorder& record) { record.save(alarm_due(office.entitlement(k_first), office.now).entitlement); });
  office.now += 1s;
  office.remove(k_first);
  const auto keys = office.notice_keys();
  CHECK(std::ranges::any_of(keys,
                            [](const auto& key) { return key.starts_with("entitlement/1/reappeared/"); }));
  CHECK(
      std::ranges::any_of(keys, [](const auto& key) { return key.starts_with("entitlement/1/resolved/"); }));
}

TEST_CASE("the view of a request is its present state, whole") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea", true);
  office.activate(k_first);
  const auto extension = office.ask_extension("R002", id, 30min);
  office.write([&](Recorder& record) {
    const SubjectView of_grant = record.view(*record.tx().request(id));
    REQUIRE(of_grant.grant);
    CHECK(of_grant.grant->state == GrantState::active);
    REQUIRE(of_grant.entitlement);
    REQUIRE(of_grant.extension);
    CHECK(of_grant.extension->id == extension);
    const SubjectView of_extension = record.view(*record.tx().request(extension));
    REQUIRE(of_extension.grant);
    CHECK(of_extension.grant->id == id);
  });
}

TEST_CASE("the log follows a request by its id, and says neither why nor under which name") {
  RecordOffice office;
  std::vector<std::string> news;
  const auto heard = [&](const std::function<void(Recorder&)>& work) {
    office.write([&](Recorder& record) {
      work(record);
      news = record.news();
    });
    return news;
  };
  const auto id = office.ask("R001", "bea");
  const Request request = office.request(id);
  heard([&](Recorder& record) {
    Facts facts = all_facts();
    facts.now = office.now;
    const RequestInput input{
        .event = RequestEvent::deny, .actor = id_of("lena"), .reason = "a secret reason"};
    record.save(apply(request, {}, input, company(), facts));
  });
  REQUIRE(news.size() == 1);
  CHECK(news.front() == "event=request id=JIT-R001 state=denied who=" + to_string(id_of("bea")) +
                            " resource=staging:reader by=" + to_string(id_of("lena")));
  const auto given = office.ask("R002", "bea", true);
  const EntitlementId entitlement = office.grant(given).entitlement;
  office.activate(entitlement);
  heard([&](Recorder& record) {
    record.save(grant_event(*record.access_of(given), given,
                            {.event = GrantEvent::done, .actor = id_of("bea"), .now = office.now}));
  });
  REQUIRE(news.size() == 1);
  CHECK(news.front() ==
        "event=grant id=JIT-R002 state=ending who=" + to_string(id_of("bea")) + " resource=staging:reader");
  for (const std::string& line : news) {
    CHECK(line.find('@') == std::string::npos);
    CHECK(line.find("secret") == std::string::npos);
  }
}

TEST_CASE("who gets no card hears that a rule's access works, once, who has it does not") {
  RecordOffice office;
  const auto id = office.ask("R001", "bea", true);
  const auto usable = [&] { return has(office.notice_keys(), "JIT-R001/usable"); };
  SECTION("the card was refused before it works") {
    office.write([&](Recorder& record) {
      for (CardRow card : record.tx().cards(id)) {
        if (card.face != CardRow::Face::requester) continue;
        card.problem = "direct messages are off";
        record.tx().put(card);
        record.not_shown_to_requester(card);
      }
    });
    CHECK_FALSE(usable());
    office.activate(office.grant(id).entitlement);
    // A new truth gets one more try, and it is refused again.
    office.write([&](Recorder& record) {
      for (const CardRow& card : record.tx().cards(id)) {
        if (card.face == CardRow::Face::requester) record.not_shown_to_requester(card);
      }
    });
    CHECK(usable());
  }
  SECTION("it is refused when it works already") {
    office.activate(office.grant(id).entitlement);
    CHECK_FALSE(usable());
    for (int i = 0; i < 2; ++i) {
      office.write([&](Recorder& record) {
        for (const CardRow& card : record.tx().cards(id)) {
          if (card.face == CardRow::Face::requester) record.not_shown_to_requester(card);
        }
      });
    }
    const auto keys = office.notice_keys();
    CHECK(std::ranges::count(keys, "JIT-R001/usable") == 1);
  }
  SECTION("it is shown") {
    office.activate(office.grant(id).entitlement);
    CHECK_FALSE(usable());
  }
}

}  // namespace jitbot::testing
