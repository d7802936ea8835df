#include "bot/record/roll_call.hpp"

#include "bot/record/binding.hpp"

namespace jitbot {

namespace {

bool is_answer(const Error& error) {
  return error.kind == ErrorKind::not_found || error.kind == ErrorKind::invalid;
}

}  // namespace

Task<Result<void>> RollCall::read_groups(const Policy& policy, std::vector<Subject> subjects) {
  for (const std::string& group : live_groups_of(policy, subjects)) {
    const auto known = facts_.groups.find(group);
    if (known != facts_.groups.end()) continue;
    auto members = co_await directory_.members(group);
    if (!members && !is_answer(members.error())) co_return tl::unexpected<Error>(members.error());
    // A group that was deleted or disabled has nobody.
    if (!members) members = std::set<PrincipalId>();
    facts_.groups.insert_or_assign(group, std::move(members));
  }
  co_return Result<void>();
}

PrincipalId RollCall::with_workspace(PrincipalId id) const {
  if (id.workspace.find(':') == std::string::npos) id.workspace = directory_.workspace(id.workspace);
  return id;
}

bool RollCall::is_known(PrincipalId id) const {
  return facts_.people.contains(with_workspace(std::move(id)));
}

bool RollCall::may_ask() {
  if (questions_left_ == 0) return false;
  --questions_left_;
  return true;
}

Task<Result<std::optional<Person>>> RollCall::person(PrincipalId id) {
  id = with_workspace(std::move(id));
  const auto known = facts_.people.find(id);
  if (known != facts_.people.end()) {
    if (!known->second) co_return std::optional<Person>();
    Person again = *known->second;
    co_return co_await unless_barred(std::move(again));
  }
  auto person = co_await directory_.person(id);
  if (!person && !is_answer(person.error())) co_return tl::unexpected<Error>(person.error());
  facts_.people.insert_or_assign(id, person);
  if (!person || person->id != id) co_return std::optional<Person>();
  co_return co_await unless_barred(std::move(*person));
}

Task<Result<std::optional<Person>>> RollCall::unless_barred(Person person) {
  std::function<Result<bool>(Tx&)> ask = [person](Tx& tx) -> Result<bool> {
    return is_bound_otherwise(tx, person);
  };
  auto barred = co_await query<bool>(store_, std::move(ask));
  if (!barred) co_return tl::unexpected<Error>(barred.error());
  if (*barred) co_return std::optional<Person>();
  co_return std::optional<Person>(std::move(person));
}

// Where several accounts have an e-mail, it belongs to the one that it is bound to.
Task<Result<Person>> RollCall::ask_by_email(std::string email) {
  std::function<Result<std::optional<Binding>>(Tx&)> ask = [email](Tx& tx) -> Result<std::optional<Binding>> {
    return tx.binding_of_email(email);
  };
  auto bound = co_await query<std::optional<Binding>>(store_, std::move(ask));
  if (!bound) co_return tl::unexpected<Error>(bound.error());
  if (!*bound) co_return co_await directory_.by_email(std::move(email));
  auto principal = (*bound)->principal;
  co_return co_await directory_.person(std::move(principal));
}

Task<Result<std::optional<Person>>> RollCall::by_email(std::string email) {
  const auto known = by_email_.find(email);
  if (known != by_email_.end()) co_return known->second;
  auto person = co_await ask_by_email(email);
  if (!person && !is_answer(person.error())) co_return tl::unexpected<Error>(person.error());
  std::optional<Person> found;
  // Only whom policies know by that very name may decide by it.
  if (person && policy_name(*person) == email) {
    facts_.people.insert_or_assign(person->id, *person);
    auto allowed = co_await unless_barred(std::move(*person));
    if (!allowed) co_return tl::unexpected<Error>(allowed.error());
    found = std::move(*allowed);
  }
  by_email_.insert_or_assign(email, found);
  co_return found;
}

Task<Result<RollCall::Found>> RollCall::people(const Policy& policy, std::vector<Subject> subjects,
                                               std::set<PrincipalId> without, std::size_t most) {
  auto read = co_await read_groups(policy, subjects);
  if (!read) co_return tl::unexpected<Error>(read.error());
  auto named = people_of(policy, subjects, facts_);
  if (!named) co_return tl::unexpected<Error>(named.error());
  Found found;
  std::size_t left = named->accounts.size() + named->emails.size();
  const auto take = [&](const std::optional<Person>& person) {
    if (!person || !may_decide_at_all(*person) || !without.insert(person->id).second) return;
    found.people.push_back(*person);
  };
  for (const PrincipalId& account : named->accounts) {
    if (found.people.size() >= most) break;
    if (!without.contains(account) && !is_known(account) && !may_ask()) continue;
    --left;
    if (without.contains(account)) continue;
    auto one = co_await person(account);
    if (!one) co_return tl::unexpected<Error>(one.error());
    take(*one);
  }
  for (const std::string& email : named->emails) {
    if (found.people.size() >= most) break;
    if (!by_email_.contains(email) && !may_ask()) continue;
    --left;
    auto one = co_await by_email(email);
    if (!one) co_return tl::unexpected<Error>(one.error());
    take(*one);
  }
  found.not_asked = left;
  co_return found;
}

}  // namespace jitbot
