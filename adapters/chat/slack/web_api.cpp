#include "adapters/chat/slack/web_api.hpp"

#include "adapters/chat/slack/json_read.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

enum class Retry {
  never,   // a one-shot ticket, or somebody else keeps the pace
  unsent,  // only what surely was not done: done twice, it is seen twice
  safe,    // reading, or writing the same again
};
enum class Lane { method, method_and_channel };
enum class Token { bot, app };
enum class Purpose { deed, question };  // a question's answer serves all who ask the same

struct Method {
  std::string_view name;
  Rate rate;
  Retry retry = Retry::safe;
  Lane lane = Lane::method;
  Token token = Token::bot;
  Purpose purpose = Purpose::deed;
};

constexpr Method question(std::string_view name, Rate rate) {
  return {name, rate, Retry::safe, Lane::method, Token::bot, Purpose::question};
}

// docs.slack.dev, "Rate limits": tier 2 is 20 a minute, 3 is 50, 4 is 100, posting 1 a second and channel.
// Slack promises "some" burst.
constexpr Rate k_tier_2{20, 10};
constexpr Rate k_tier_3{50, 25};
constexpr Rate k_tier_4{100, 50};
constexpr Rate k_posting{60, 4};
constexpr Rate k_often{300, 50};

constexpr std::array k_methods{
    Method{"apps.connections.open", k_often, Retry::never, Lane::method, Token::app},
    Method{"auth.test", k_often},
    Method{"chat.postMessage", k_posting, Retry::unsent, Lane::method_and_channel},
    Method{"chat.postEphemeral", k_tier_4, Retry::unsent},
    Method{"chat.update", k_tier_3},
    Method{"conversations.open", k_tier_3},
    question("conversations.info", k_tier_3),
    question("conversations.members", k_tier_4),
    Method{"conversations.list", k_tier_2},
    Method{"conversations.history", k_tier_3},
    Method{"conversations.replies", k_tier_3},
    question("users.info", k_tier_4),
    question("users.lookupByEmail", k_tier_3),
    question("usergroups.users.list", k_tier_2),
    Method{"views.open", k_tier_4, Retry::never},
    Method{"views.update", k_tier_4, Retry::never},
    Method{"views.publish", k_tier_4, Retry::safe}};

const Method& method_named(std::string_view name) {
  static constexpr Method k_other{"", k_tier_2, Retry::unsent};
  const auto* found = std::ranges::find(k_methods, name, &Method::name);
  return found == k_methods.end() ? k_other : *found;
}

constexpr Millis k_default_retry_after = 30s;  // a 429 that does not say
constexpr Millis k_longest_retry_after = 3600s;
constexpr unsigned k_most_retries = 3;

bool may_retry(Retry retry, ErrorKind kind) {
  switch (retry) {
    case Retry::never:
      return false;
    case Retry::unsent:
      return kind == ErrorKind::unavailable;
    case Retry::safe:
      return kind == ErrorKind::unavailable || kind == ErrorKind::outcome_unknown;
  }
  return false;
}

Millis retry_after(const net::Headers& headers) {
  const auto text = net::find_header(headers, "Retry-After");
  unsigned seconds = 0;
  if (!text) return k_default_retry_after;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size()) return k_default_retry_after;
  return std::min<Millis>(std::chrono::seconds{seconds}, k_longest_retry_after);
}

std::string header(const net::Headers& headers, std::string_view name) {
  return std::string(net::find_header(headers, name).value_or(std::string_view{}));
}

// What Slack adds for us to read. Its words are about the shape of the call, not about what people wrote.
std::string hints(const Json& body) {
  std::string text;
  for (const char* name : {"needed", "provided"}) {
    const std::string value = text_at(body, {name});
    if (!value.empty()) text += fmt::format(" {}={}", name, value);
  }
  const Json* messages = member(body, {"response_metadata", "messages"});
  if (messages == nullptr || !messages->is_array()) return text;
  for (const Json& message : *messages) {
    if (message.is_string()) text += " " + message.get<std::string>().substr(0, 200);
  }
  return text;
}

ApiFault fault(ErrorKind kind, std::string message, std::string detail) {
  return ApiFault{Error{kind, std::move(message), std::move(detail)}, {}, {}};
}

}  // namespace

struct WebApi::Call {
  const Method* rules = nullptr;
  std::string method;
  std::string lane;
  std::string body;
  Millis deadline{0};
  std::shared_ptr<Question> question = nullptr;
};

struct WebApi::Question {
  std::string asked;
  std::optional<ApiResult<ApiReply>> answer = std::nullopt;
  std::vector<std::shared_ptr<Timer>> waiting = {};
};

WebApi::WebApi(Clock& clock, Random& random, net::HttpClient& http, WebApiOptions options)
    : clock_(clock),
      random_(random),
      http_(http),
      options_(std::move(options)),
      realm_(realm_of(options_.url)) {
  if (!options_.url.ends_with('/')) options_.url += '/';
}

ApiResult<ApiReply> WebApi::judge(const Call& call, const net::HttpResponse& response) const {
  const std::string where = fmt::format("{} status={} req_id={}", call.method, response.status,
                                        header(response.headers, "x-slack-req-id"));
  auto body = std::make_shared<const Json>(Json::parse(response.body, nullptr, false));
  const std::string code = text_at(*body, {"error"}).substr(0, 100);
  if (response.status == 429 || is_rate_limit(code)) {
    ApiFault slow = fault(ErrorKind::rate_limited, words_for("ratelimited"), where);
    slow.code = "ratelimited";
    slow.retry_after = retry_after(response.headers);
    return tl::unexpected(std::move(slow));
  }
  if (response.status >= 500) {
    return tl::unexpected(fault(ErrorKind::outcome_unknown, "Slack has trouble of its own", where));
  }
  const Json* ok = member(*body, "ok");
  if (ok == nullptr || !ok->is_boolean()) {
    const std::string why = where + ": no answer of Slack's; a proxy may stand between";
    return tl::unexpected(fault(ErrorKind::outcome_unknown, "something between us and Slack answered", why));
  }
  if (ok->get<bool>()) return ApiReply{std::move(body), response.headers};
  ApiFault refused =
      fault(kind_of(code), words_for(code), fmt::format("{} error={}{}", where, code, hints(*body)));
  refused.code = code;
  return tl::unexpected(std::move(refused));
}

Task<ApiResult<ApiReply>> WebApi::attempt(Call call) {
  if (closed_) co_return tl::unexpected(stopped(call));
  net::HttpRequest request;
  request.method = "POST";
  request.url = options_.url + call.method;
  request.timeout = options_.attempt;
  const Secret& token = call.rules->token == Token::app ? options_.app_token : options_.bot_token;
  request.headers.push_back({"Authorization", "Bearer " + token.reveal()});
  request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  request.body = call.body;
  auto response = co_await http_.send(std::move(request));
  if (!response) {
    Error error = std::move(response).error();
    ApiFault lost =
        fault(error.kind, "Slack cannot be reached", call.method + ": " + error.message + " " + error.detail);
    co_return tl::unexpected(std::move(lost));
  }
  co_return judge(call, *response);
}

ApiFault WebApi::stopped(const Call& call) {
  return fault(ErrorKind::unavailable, "stopped", call.method + ": closed");
}

void WebApi::close() {
  closed_ = true;
  sleepers_.wake_all();
}

// Waits for this call's turn; false: the lane was closed meanwhile, take another turn.
Task<ApiResult<bool>> WebApi::wait_turn(Call call) {
  if (closed_) co_return tl::unexpected(stopped(call));
  const Millis now = clock_.steady();
  const Millis wait = options_.pace == Pace::unlimited
                          ? std::max(gate_.paused_until(call.lane) - now, Millis{0})
                          : gate_.would_wait(call.lane, call.rules->rate, now);
  if (now + wait > call.deadline) {
    ApiFault slow =
        fault(ErrorKind::rate_limited, words_for("ratelimited"), call.method + ": too many calls wait");
    slow.code = "ratelimited";
    slow.retry_after = wait;
    co_return tl::unexpected(std::move(slow));
  }
  gate_.take(call.lane, call.rules->rate, now);
  if (wait > Millis{0}) co_await sleepers_.sleep(wait);
  if (closed_) co_return tl::unexpected(stopped(call));
  co_return gate_.paused_until(call.lane) <= clock_.steady();
}

Task<ApiResult<ApiReply>> WebApi::call(std::string method, std::vector<net::FormField> arguments) {
  Call call;
  call.rules = &method_named(method);
  call.method = std::move(method);
  call.lane = call.method;
  if (call.rules->lane == Lane::method_and_channel) {
    for (const auto& argument : arguments) {
      if (argument.name == "channel") call.lane += " " + argument.value;
    }
  }
  call.body = net::encode_form(arguments);
  call.deadline = clock_.steady() + options_.patience;
  if (call.rules->purpose == Purpose::question) co_return co_await ask(std::move(call));
  co_return co_await exchange(std::move(call));
}

Task<ApiResult<ApiReply>> WebApi::ask(Call call) {
  auto& waiting = waiting_[call.method + " " + call.body];
  if (waiting) co_return co_await join(waiting, call.deadline);
  const auto question = std::make_shared<Question>(Question{call.method + " " + call.body});
  waiting = question;
  call.question = question;
  question->answer = co_await exchange(std::move(call));
  no_longer_waits(*question);  // it may have failed before it was sent
  for (const auto& timer : question->waiting) timer->poke();
  co_return *question->answer;
}

// What is on its way answers those who asked before, not those who ask from now on.
void WebApi::no_longer_waits(const Question& question) {
  const auto found = waiting_.find(question.asked);
  if (found != waiting_.end() && found->second.get() == &question) waiting_.erase(found);
}

Task<ApiResult<ApiReply>> WebApi::join(std::shared_ptr<Question> question, Millis deadline) {
  const std::shared_ptr<Timer> timer = clock_.make_timer();
  question->waiting.push_back(timer);
  while (!question->answer) {
    const Millis left = deadline - clock_.steady();
    if (left <= Millis{0}) {
      co_return tl::unexpected(fault(ErrorKind::unavailable, "Slack does not answer in time", "joined call"));
    }
    co_await timer->wait(left);
  }
  co_return *question->answer;
}

Task<ApiResult<ApiReply>> WebApi::exchange(Call call) {
  for (unsigned tries = 0;;) {
    auto turn = co_await wait_turn(call);
    if (!turn) co_return tl::unexpected(std::move(turn).error());
    if (!*turn) continue;
    if (call.question) no_longer_waits(*call.question);
    auto reply = co_await attempt(call);
    if (reply) co_return reply;
    const ApiFault& problem = reply.error();
    spdlog::warn("slack: kind={} {}", to_string(problem.error.kind), problem.error.detail);
    if (is_fatal(problem.code) && on_fatal_) on_fatal_(problem);
    Millis pause{0};
    if (problem.retry_after) {
      gate_.pause(call.lane, call.rules->rate, clock_.steady() + *problem.retry_after);
      if (call.rules->retry == Retry::never) co_return reply;
    } else {
      if (is_fatal(problem.code)) co_return reply;
      if (!may_retry(call.rules->retry, problem.error.kind) || ++tries > k_most_retries) co_return reply;
      pause = Millis{250 + static_cast<std::int64_t>(random_.below(500U << tries))};
      if (clock_.steady() + pause > call.deadline) co_return reply;
      if (closed_) co_return reply;
      co_await sleepers_.sleep(pause);
    }
  }
}

Task<ApiResult<std::string>> WebApi::open_connection() {
  auto reply = co_await call("apps.connections.open", std::vector<net::FormField>());
  if (!reply) co_return tl::unexpected(std::move(reply).error());
  std::string url = text_at(*reply->body, {"url"});
  if (!may_dial(url, realm_)) {
    ApiFault strange = fault(ErrorKind::refused, "Slack's answer names an address that is not Slack's",
                             "apps.connections.open: address refused");
    co_return tl::unexpected(std::move(strange));
  }
  co_return url;
}

Task<Result<void>> WebApi::respond(Secret url, std::shared_ptr<const Json> message) {
  if (closed_) co_return fail(ErrorKind::unavailable, "stopped", "response_url: closed");
  if (!may_answer_to(url.reveal(), realm_)) {
    co_return fail(ErrorKind::refused, "the answer address is not Slack's", "response_url: host refused");
  }
  net::HttpRequest request;
  request.method = "POST";
  request.url = url.reveal();
  request.timeout = options_.attempt;
  request.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
  request.body = message->dump(-1, ' ', false, Json::error_handler_t::replace);
  auto response = co_await http_.send(std::move(request));
  if (!response) {
    // The error's own text could hold the address, which is a secret.
    co_return fail(response.error().kind, "Slack cannot be reached", "response_url");
  }
  const std::string detail = fmt::format("response_url status={}", response->status);
  const Json body = Json::parse(response->body, nullptr, false);
  const Json* ok = member(body, "ok");
  const bool denied = ok != nullptr && ok->is_boolean() && !ok->get<bool>();
  if (response->status == 200 && !denied) co_return Result<void>{};
  if (response->status == 429) co_return fail(ErrorKind::rate_limited, words_for("ratelimited"), detail);
  if (response->status >= 500)
    co_return fail(ErrorKind::outcome_unknown, "Slack has trouble of its own", detail);
  if (response->status == 404) co_return fail(ErrorKind::not_found, "the answer address is used up", detail);
  co_return fail(ErrorKind::invalid, "Slack did not take the answer", detail);
}

}  // namespace jitbot::slack
