#include "bot/desk/link.hpp"

#include "bot/desk/identity.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

// `/jit link`: two accounts of one person, confirmed in both chats.
namespace jitbot {

namespace {

constexpr Millis k_code_life = 10min;
constexpr unsigned k_code_digits = 8;  // 40 bits, tried in chat, for ten minutes
constexpr std::size_t k_most_codes = 1000;
constexpr int k_most_wrong = 5;  // of one account, while a code lives

const std::string k_no_code =
    "I know no such code. One lives 10 minutes and works once: /jit link in the other chat makes a new one";

void forget_old(LinkOffers& offers, Millis now) {
  std::erase_if(offers.codes, [&](const auto& offer) { return now - offer.second.made > k_code_life; });
  std::erase_if(offers.wrong, [&](const auto& tries) { return now - tries.second.first > k_code_life; });
}

std::string typed_code(std::string_view typed) {
  const auto id = parse_request_id(typed);
  return id ? id->value : std::string();
}

std::string offer_code(DeskState& desk, const PrincipalId& account) {
  LinkOffers& offers = desk.memory->links;
  std::erase_if(offers.codes, [&](const auto& offer) { return offer.second.account == account; });
  const std::string code =
      make_request_id(desk.ports.random.below(1ULL << (5U * k_code_digits)), k_code_digits).value;
  offers.codes.insert_or_assign(code, LinkOffers::Offer{account, desk.ports.clock.clock().steady()});
  return code;
}

// The account that the code was made for; used up.
std::optional<PrincipalId> take_code(DeskState& desk, const std::string& code, const PrincipalId& by) {
  LinkOffers& offers = desk.memory->links;
  const Millis now = desk.ports.clock.clock().steady();
  auto& tries = offers.wrong.try_emplace(by, LinkOffers::Wrong{now}).first->second;
  const auto found = tries.count < k_most_wrong ? offers.codes.find(code) : offers.codes.end();
  if (found == offers.codes.end()) {
    ++tries.count;
    return std::nullopt;
  }
  PrincipalId account = found->second.account;
  offers.codes.erase(found);
  return account;
}

Answered linked_answer(const PrincipalId& account) {
  return say(
      fmt::format("Done: this is one person with your account on {}. Whatever you do by one of them "
                  "counts as yours by both",
                  platform_of(account)));
}

// Which of the two everything is kept under; an error: they are not to be one.
Result<PrincipalId> person_for(Tx& tx, const std::string& email, const PrincipalId& one,
                               const PrincipalId& other) {
  const auto bound = tx.binding_of_email(email);
  PrincipalId person = bound ? bound->principal : one;
  if (person != one && person != other) {
    return fail(ErrorKind::refused,
                "your e-mail belongs to a third account. An administrator has to look at it",
                to_string(person));
  }
  const PrincipalId& account = person == one ? other : one;
  if (tx.binding(account))
    return fail(ErrorKind::refused, "one of the accounts was used under another e-mail already",
                to_string(account));
  return person;
}

// What makes two accounts one: the e-mail of both, or of the one that shows it.
struct Common {
  std::string email;
  std::optional<PrincipalId> shown_by;  // nothing: by both
};

Result<PrincipalId> person_for(Tx& tx, const Common& common, const PrincipalId& here,
                               const PrincipalId& there) {
  const PrincipalId& first = common.shown_by.value_or(there);
  auto person = person_for(tx, common.email, first, first == here ? there : here);
  // Policies name people by their e-mail: everything is kept under the account that shows one.
  if (person && common.shown_by && *person != *common.shown_by) {
    return fail(
        ErrorKind::refused,
        "your e-mail belongs to the account that shows it no more. An administrator has to look at it",
        to_string(*person));
  }
  return person;
}

// The person that both are from now on.
Result<PrincipalId> link(Recorder& record, const Common& common, const PrincipalId& here,
                         const PrincipalId& there) {
  auto person = person_for(record.tx(), common, here, there);
  if (!person) {
    record.audit(here, "principal.link_refused", to_string(here),
                 {{"with", to_string(there)}, {"why", person.error().message}});
    return person;
  }
  if (!record.tx().binding(*person)) {
    record.tx().put(Binding{*person, common.email, record.now()});
    record.audit(*person, "principal.bound", to_string(*person), {{"email", common.email}});
  }
  link_accounts(record, *person == here ? there : here, *person, common.email, "code");
  return person;
}

// The server shows nobody's e-mail to us.
bool is_hidden(const Person& person) {
  return person.email.empty() && may_decide_at_all(person);
}

// The e-mail that both accounts have, or one while the other's is hidden; an error: they have not.
Task<Result<Common>> common_email(SharedDesk desk, PrincipalId here, PrincipalId there) {
  auto one = co_await desk->ports.directory.person(here);
  if (!one) co_return tl::unexpected<Error>(one.error());
  auto other = co_await desk->ports.directory.person(there);
  if (!other) co_return tl::unexpected<Error>(other.error());
  const auto email = policy_name(*one);
  const auto others = policy_name(*other);
  Common common;
  if (email && email == others) {
    common.email = *email;
  } else if (email && is_hidden(*other)) {
    common = Common{*email, here};
  } else if (others && is_hidden(*one)) {
    common = Common{*others, there};
  } else {
    co_return fail(
        ErrorKind::refused,
        "both accounts need the same confirmed e-mail, and to be full members; then make a new code",
        to_string(here) + " and " + to_string(there));
  }
  co_return common;
}

Task<Result<Answered>> confirm(SharedDesk desk, Job job, PrincipalId here, std::string code) {
  const auto there = take_code(*desk, code, here);
  std::optional<Error> wrong;
  if (!there) wrong = Error{ErrorKind::not_found, k_no_code, {}};
  if (there && platform_of(*there) == platform_of(here))
    wrong = Error{ErrorKind::invalid, "that code was made in this chat; type it in the other one", {}};
  Result<Common> common = Common();
  if (!wrong) {
    common = co_await common_email(desk, here, *there);
    if (!common) wrong = common.error();
  }
  if (wrong) {
    auto about = to_string(here);
    co_return co_await refuse(std::move(desk), std::move(job), "principal.link_refused", std::move(about),
                              std::move(*wrong));
  }
  auto become = std::make_shared<std::optional<PrincipalId>>();
  Conclusion work = [common = *common, here, there = *there, become](Recorder& record) {
    const auto person = link(record, common, here, there);
    if (!person) return say(person.error());
    *become = *person;
    return linked_answer(there);
  };
  auto answered = co_await conclude(desk, std::move(job), std::move(work));
  if (answered && *become) {
    desk->ports.aliases.add(**become == here ? *there : here, **become);
    desk->memory->recognised.clear();
  }
  co_return answered;
}

}  // namespace

void link_accounts(Recorder& record, const PrincipalId& account, const PrincipalId& person,
                   const std::string& email, std::string_view how) {
  record.tx().put(AccountLink{account, person, record.now()});
  record.audit(person, "principal.linked", to_string(person),
               {{"account", to_string(account)}, {"email", email}, {"by", how}});
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, LinkIntent intent) {
  const PrincipalId account = job.account;
  if (desk->settings.platforms.size() < 2) {
    auto answered = say("There is one chat only; there is nothing to link");
    co_return co_await conclude_with(std::move(desk), std::move(job), std::move(answered));
  }
  if (account != job.from()) {
    auto answered =
        say(fmt::format("This account is linked already, with yours on {}", platform_of(job.from())));
    co_return co_await conclude_with(std::move(desk), std::move(job), std::move(answered));
  }
  forget_old(desk->memory->links, desk->ports.clock.clock().steady());
  if (!intent.code.empty()) {
    auto code = typed_code(intent.code);
    co_return co_await confirm(std::move(desk), std::move(job), account, std::move(code));
  }
  if (desk->memory->links.codes.size() >= k_most_codes) {
    auto answered = say("Too many codes are open; try again in 10 minutes");
    co_return co_await conclude_with(std::move(desk), std::move(job), std::move(answered));
  }
  auto answered = say(fmt::format(
      "In the other chat type /jit link {0} within 10 minutes, or write \"link {0}\" to the bot. Both "
      "accounts are one person from then on; give the code to nobody",
      offer_code(*desk, account)));
  co_return co_await conclude_with(std::move(desk), std::move(job), std::move(answered));
}

}  // namespace jitbot
