#include "adapters/access/exec/catalog.hpp"

#include "adapters/access/exec/program.hpp"
#include "adapters/access/worker_pool.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace jitbot {

namespace {

using namespace access;
using Names = std::set<std::string>;

constexpr std::size_t k_most_names = 10'000;
constexpr std::size_t k_longest_name = 64;
constexpr std::size_t k_most_output = 1024UL * 1024;  // more than the most names of the longest kind need

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// What a policy can name.
bool is_listed_name(std::string_view name) {
  return !name.empty() && name.size() <= k_longest_name && is_letter_or_digit(name.front()) &&
         std::ranges::all_of(
             name, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

std::string_view without_blanks(std::string_view line) {
  constexpr std::string_view k_blank = " \t\r";
  const auto begin = line.find_first_not_of(k_blank);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(k_blank) - begin + 1);
}

Result<Names> names_in(const ProcessEnd& end) {
  if (end.how != ProcessEnd::How::exited || end.code != 0)
    return fail(ErrorKind::unavailable, how_it_ended(end, "list"));
  if (end.out_cut)
    return fail(ErrorKind::unavailable,
                fmt::format("the list command printed more than {} KiB", k_most_output / 1024));
  Names names;
  for (std::string_view rest = end.out; !rest.empty();) {
    const auto newline = std::min(rest.find('\n'), rest.size());
    const std::string_view name = without_blanks(rest.substr(0, newline));
    rest.remove_prefix(std::min(newline + 1, rest.size()));
    if (name.empty()) continue;
    if (!is_listed_name(name)) {
      return fail(ErrorKind::unavailable,
                  fmt::format("the list command printed \"{}\", which is no name: letters, digits, '.', '_' "
                              "and '-', at most {}",
                              first_line(std::string(name)), k_longest_name));
    }
    names.emplace(name);
    if (names.size() > k_most_names)
      return fail(ErrorKind::unavailable,
                  fmt::format("the list command printed more than {} names", k_most_names));
  }
  return names;
}

// One run, and all who wait for it.
struct Round {
  explicit Round(const Executor& executor) : over(executor, std::chrono::steady_clock::time_point::max()) {}
  boost::asio::steady_timer over;  // cancelled when it is
  std::optional<Result<Names>> found;
};
using RoundPtr = std::shared_ptr<Round>;

class ExecCatalog : public Catalog {
 public:
  explicit ExecCatalog(ExecCatalogOptions options)
      : options_(std::move(options)), calls_(1, options_.timeout) {}

  Task<Result<Names>> list() override;
  Millis every() const override { return options_.every; }
  Task<std::vector<std::string>> check() override;

 private:
  Task<Result<Names>> run();
  class Lead;
  static Task<void> wait_for(RoundPtr round);

  ExecCatalogOptions options_;
  CallPool calls_;
  RoundPtr running_;
  RoundPtr next_;
};

Task<void> ExecCatalog::wait_for(RoundPtr round) {
  boost::system::error_code ignored;
  if (!round->found)
    co_await round->over.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

// However the one who runs it ends, whoever waits for it goes on.
class ExecCatalog::Lead {
 public:
  Lead(ExecCatalog& catalog, RoundPtr round) : catalog_(catalog), round_(std::move(round)) {}
  ~Lead() {
    if (catalog_.running_ == round_) catalog_.running_.reset();
    if (catalog_.next_ == round_) catalog_.next_.reset();
    round_->over.cancel();
  }
  Lead(const Lead&) = delete;
  Lead& operator=(const Lead&) = delete;

 private:
  ExecCatalog& catalog_;
  RoundPtr round_;
};

Task<Result<Names>> ExecCatalog::list() {
  const Executor executor = co_await boost::asio::this_coro::executor;
  RoundPtr round = next_;
  if (round) {
    co_await wait_for(round);
    if (round->found) co_return *round->found;
    co_return fail(ErrorKind::unavailable, "the list command was broken off");
  }
  round = std::make_shared<Round>(executor);
  const Lead lead(*this, round);
  if (running_) {
    next_ = round;
    co_await wait_for(running_);
    next_.reset();
  }
  running_ = round;
  auto found = co_await run();
  round->found = found;
  co_return found;
}

Task<Result<Names>> ExecCatalog::run() {
  ChildSpec child = child_spec(options_.env, options_.directory);
  child.argv = options_.list;
  std::function<Result<ProcessEnd>(const Patience&)> job = [child](const Patience& patience) {
    ProcessLimits limits;
    limits.output = k_most_output;
    return run_process(child, limits, patience);
  };
  auto done = co_await calls_.run(std::move(job));
  if (!done) co_return fail(ErrorKind::unavailable, "the list command did not end in time");
  if (!*done) co_return fail(ErrorKind::unavailable, done->error().message);
  co_return names_in(**done);
}

// Listing changes nothing, so it is tried out.
Task<std::vector<std::string>> ExecCatalog::check() {
  std::vector<std::string> problems;
  const std::string& program = options_.list.front();
  if (!is_runnable(program, options_.env, options_.directory)) {
    problems.push_back(
        fmt::format("catalogs.{}.list: there is no program {} that may be run", options_.name, program));
    co_return problems;
  }
  const auto listed = co_await list();
  if (!listed) problems.push_back(fmt::format("catalogs.{}.list: {}", options_.name, listed.error().message));
  co_return problems;
}

}  // namespace

Result<std::shared_ptr<Catalog>> make_exec_catalog(ExecCatalogOptions options) {
  if (options.list.empty() || options.list.front().empty())
    return fail(ErrorKind::invalid, fmt::format("catalogs.{}.list: no program is given", options.name));
  return std::shared_ptr<Catalog>(std::make_shared<ExecCatalog>(std::move(options)));
}

}  // namespace jitbot
