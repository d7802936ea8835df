#include "tests/unit/workflow/people.hpp"

#include "bot/workflow/ask.hpp"

namespace jitbot::testing {

namespace {

const std::vector<std::string> k_leads{"lena", "leo", "lia", "cleo"};
const std::vector<std::string> k_secure{"sam", "sid", "cleo"};
const std::vector<std::string> k_others{"stranger", "ann", "bea", "guest", "bot", "outsider", "left"};

}  // namespace

PrincipalId id_of(const std::string& name) {
  return {"slack:T0001", "U" + name};
}

Person person_of(const std::string& name) {
  Person person;
  person.id = id_of(name);
  person.email = name + "@example.com";
  person.guest = name == "guest";
  person.bot = name == "bot";
  person.outsider = name == "outsider";
  person.deactivated = name == "left";
  return person;
}

const std::vector<std::string>& barred_people() {
  static const std::vector<std::string> names{"ann", "bea", "guest", "bot", "outsider", "left"};
  return names;
}

Facts all_facts(Time now) {
  Facts facts;
  facts.now = now;
  std::set<PrincipalId> security;
  for (const auto* names : {&k_leads, &k_secure, &k_others}) {
    for (const std::string& name : *names) facts.people.insert_or_assign(id_of(name), person_of(name));
  }
  for (const std::string& name : k_secure) security.insert(id_of(name));
  for (const std::string& name : barred_people()) security.insert(id_of(name));
  facts.groups.insert_or_assign(std::string(k_security), security);
  return facts;
}

Policy company() {
  Policy policy;
  Group leads;
  leads.name = "leads";
  for (const std::string& name : k_leads)
    leads.members.push_back({Subject::Kind::email, name + "@example.com"});
  for (const std::string& name : barred_people()) {
    leads.members.push_back({Subject::Kind::email, name + "@example.com"});
    leads.members.push_back({Subject::Kind::principal, "slack:U" + name});
  }
  Group security;
  security.name = "security";
  security.from = std::string(k_security);
  policy.groups = {{"leads", leads}, {"security", security}};
  Role reader;
  reader.name = "reader";
  reader.connector = "pg";
  reader.grants = {{"role", "ro_{{account}}"}};
  Resource staging;
  staging.name = "staging";
  staging.default_role = "reader";
  staging.owners = {{Subject::Kind::email, "lena@example.com"}};
  staging.roles = {{"reader", reader}};
  staging.howto = "psql service=staging";
  policy.resources = {{"staging", staging}};
  policy.digest = std::string(64, 'p');
  return policy;
}

Step leads_step(int count) {
  return {"lead", {{Subject::Kind::group, "leads"}}, count};
}
Step security_step(int count) {
  return {"security", {{Subject::Kind::group, "security"}}, count};
}

Request sample_request(const std::vector<Step>& steps) {
  Asked asked;
  asked.asker = id_of("ann");
  asked.beneficiary = id_of("bea");
  asked.beneficiary_email = "bea@example.com";
  asked.account = "bea";
  asked.resource = "staging";
  asked.role = "reader";
  asked.connector = "pg";
  asked.params = {{"role", "ro_bea"}};
  asked.duration = 1h;
  asked.reason = "look at the queue";
  asked.rule = "staging";
  asked.steps = steps;
  asked.pending_timeout = 4h;
  asked.warn_before = {10min};
  asked.extend = {1h, 3h, false};
  asked.asked_at = k_start;
  return make_request(asked, RequestId{"R001"}, std::nullopt);
}

Vote approval(const Request& request, const std::string& who, int step) {
  return {request.id, id_of(who), VoteKind::approve, step, "", request.digest, k_start, false};
}

Vote denial(const Request& request, const std::string& who) {
  return {request.id, id_of(who), VoteKind::deny, -1, "no need", request.digest, k_start, false};
}

RequestOutcome act(const Request& request, const std::vector<Vote>& votes, const RequestInput& input,
                   const Facts& facts) {
  return apply(request, votes, input, company(), facts);
}

Grant sample_grant(const std::string& id) {
  Request request = sample_request();
  request.id.value = id;
  return make_grant(request, EntitlementId{1}, k_start);
}

Grant scheduled_grant(const std::string& id) {
  Request request = sample_request();
  request.id.value = id;
  request.asked.start = k_start + 1h;
  return make_grant(request, EntitlementId{1}, k_start);
}

Grant active_grant(const std::string& id) {
  return tell(sample_grant(id), {.event = GrantEvent::confirmed, .now = k_start + 5s});
}

Grant tell(const Grant& grant, const GrantInput& input) {
  return apply(grant, input).grant;
}

}  // namespace jitbot::testing
