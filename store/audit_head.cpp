#include "store/audit_head.hpp"

#include "bot/model/audit_event.hpp"
#include "store/files.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

namespace jitbot {

namespace {

using nlohmann::json;

// Part of what is signed, so that a signature of this key over anything else is never taken for a head.
constexpr std::string_view k_format = "jitbot-audit-head/1";
constexpr std::size_t k_longest_line = 4096;
constexpr std::int64_t k_last_sequence = (std::int64_t{1} << 53) - 1;  // the largest integer of RFC 8785

json fields_of(const AuditHead& head) {
  return {{"at", to_ms(head.at)},
          {"format", std::string(k_format)},
          {"hash", head.tip.hash},
          {"sequence", head.tip.sequence},
          {"store", head.tip.store_id}};
}

std::string to_base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// Empty where it is not base64. EVP_DecodeBlock counts the padding as bytes.
std::string from_base64(const std::string& text) {
  std::string bytes(3 * (text.size() / 4) + 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  const auto padding = static_cast<int>(text.size()) - 1 - static_cast<int>(text.find_last_not_of('='));
  if (text.empty() || size < 0 || padding > 2) return {};
  bytes.resize(static_cast<std::size_t>(size - padding));
  return bytes;
}

Result<AuditHead> decode(const json& fields) {
  try {
    AuditHead head;
    head.at = time_from_ms(fields.at("at").get<std::int64_t>());
    fields.at("hash").get_to(head.tip.hash);
    fields.at("sequence").get_to(head.tip.sequence);
    fields.at("store").get_to(head.tip.store_id);
    const bool plausible = to_ms(head.at) >= 0 && to_ms(head.at) <= k_last_sequence;
    if (plausible && fields.at("format").get<std::string>() == k_format && fields_of(head) == fields)
      return head;
    return fail(ErrorKind::invalid, "the audit head is of another format");
  } catch (const json::exception& error) {
    return fail(ErrorKind::invalid, "the audit head is not a line of jitbot's", error.what());
  }
}

}  // namespace

std::string sign_head(const AuditKey& key, const AuditHead& head) {
  json line = fields_of(head);
  line["signature"] = to_base64(key.sign(canonical_json(line)));
  return canonical_json(line);
}

Result<AuditHead> verify_head(const AuditPublicKey& key, std::string_view line) {
  json fields = json::parse(line, nullptr, false);
  if (!fields.is_object() || !fields.contains("signature") || !fields["signature"].is_string()) {
    return fail(ErrorKind::invalid, "the audit head is not a line of jitbot's");
  }
  const std::string signature = from_base64(fields["signature"].get<std::string>());
  fields.erase("signature");
  auto head = decode(fields);
  if (!head) return head;
  if (head->tip.sequence < 0 || head->tip.sequence > k_last_sequence) {
    return fail(ErrorKind::invalid, "the audit head's sequence is out of range");
  }
  if (!key.verify(canonical_json(fields_of(*head)), signature)) {
    return fail(ErrorKind::refused, "the audit head is not signed by this key");
  }
  return head;
}

Result<void> write_head(const AuditKey& key, const std::filesystem::path& path, const AuditHead& head) {
  return store::write_file(path, sign_head(key, head) + "\n", 0644, store::Existing::replace);
}

Result<std::string> read_head(const std::filesystem::path& path) {
  auto content = store::read_file(path, k_longest_line);
  if (!content) return content;
  while (!content->empty() && content->back() == '\n') content->pop_back();
  return content;
}

std::string_view to_string(HeadRelation relation) {
  switch (relation) {
    case HeadRelation::same:
      return "same";
    case HeadRelation::store_ahead:
      return "store_ahead";
    case HeadRelation::head_ahead:
      return "head_ahead";
    case HeadRelation::diverged:
      return "diverged";
  }
  return "diverged";
}

HeadRelation compare_head(const AuditTip& tip, const std::optional<std::string>& hash_at_head,
                          const AuditHead& head) {
  if (tip.store_id != head.tip.store_id) return HeadRelation::diverged;
  if (head.tip.sequence > tip.sequence) return HeadRelation::head_ahead;
  if (head.tip.sequence > 0 && hash_at_head != head.tip.hash) return HeadRelation::diverged;
  return head.tip.sequence == tip.sequence ? HeadRelation::same : HeadRelation::store_ahead;
}

}  // namespace jitbot
