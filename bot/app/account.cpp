#include "bot/app/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace jitbot {

namespace {

struct Split {
  std::string local;
  std::string domain;
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

tl::unexpected<Error> no_account(const std::string& detail) {
  return fail(ErrorKind::refused, "you have no account there; ask an administrator", detail);
}

Result<Split> split(const std::string& email) {
  const auto at = email.rfind('@');
  if (at == std::string::npos || at == 0 || at + 1 == email.size()) return no_account("not an e-mail");
  return Split{email.substr(0, at), email.substr(at + 1)};
}

bool lists(const std::vector<std::string>& domains, const std::string& domain) {
  return std::ranges::find(domains, domain) != domains.end();
}

// It becomes an argument or a name at the target: nothing there may take it for an option or a second line.
Result<std::string> usable(const std::string& account) {
  const bool printable = std::ranges::all_of(account, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20U && byte != 0x7FU;
  });
  if (account.empty() || account.front() == '-' || !printable)
    return no_account("not usable as an account name");
  return account;
}

struct Mapper {
  const std::string& email;

  Result<std::string> operator()(const AccountByEmail& by) const {
    const auto parts = split(email);
    if (!parts) return tl::unexpected(parts.error());
    if (!by.domains.empty() && !lists(by.domains, parts->domain)) return no_account("domain not listed");
    return usable(email);
  }
  Result<std::string> operator()(const AccountByLocalPart& by) const {
    const auto parts = split(email);
    if (!parts) return tl::unexpected(parts.error());
    if (!lists(by.domains, parts->domain)) return no_account("domain not listed");
    return usable(parts->local);
  }
  Result<std::string> operator()(const AccountByMap& by) const {
    const auto found = by.accounts.find(email);
    if (found == by.accounts.end()) return no_account("not in the map");
    return usable(found->second);
  }
};

}  // namespace

Result<std::string> account_for(const AccountMapping& mapping, const std::string& email) {
  const std::string low = lower(email);
  return std::visit(Mapper{low}, mapping);
}

}  // namespace jitbot
