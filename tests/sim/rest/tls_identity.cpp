#include "tests/sim/rest/tls_identity.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "tests/sim/rest/base64.hpp"

namespace wanctl::sim {
namespace {

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

constexpr long kBackdatedS = 24 * 3600L;
constexpr long kValidS = 10 * 365 * 24 * 3600L;

tl::unexpected<Error> openssl_failure(const std::string& doing) {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    return fail(ErrorKind::system, fmt::format("{}: {}", doing, text.data()));
}

bool is_address(const std::string& name) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        out +=
            fmt::format("{}{}:{}", out.empty() ? "" : ",", is_address(name) ? "IP" : "DNS", name);
    }
    return out;
}

bool extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Version 3, random serial number, valid from yesterday; extensions and signature are still to
// come.
Certificate blank_certificate(EVP_PKEY* key, const std::string& common_name) {
    Certificate certificate(X509_new());
    std::uint64_t serial = 0;
    if (!certificate || RAND_bytes(reinterpret_cast<unsigned char*>(&serial), 7) != 1) return {};
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kBackdatedS);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidS);
    X509_set_pubkey(certificate.get(), key);
    const auto* const text = reinterpret_cast<const unsigned char*>(common_name.c_str());
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) != 1) return {};
    return certificate;
}

bool sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
    return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
           X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
}

template <typename Write>
std::string pem_text(const Write& write) {
    const Bio bio(BIO_new(BIO_s_mem()));
    if (!bio || write(bio.get()) != 1) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
    return pem_text([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string pem_of(EVP_PKEY* key) {
    return pem_text([key](BIO* bio) {
        return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

Result<std::string> pin_of(const std::string& certificate_pem) {
    const Bio bio(
        BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
    const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    unsigned char* der = nullptr;
    const int size =
        certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der) : -1;
    if (size <= 0) return openssl_failure("cannot read the server certificate");
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(der, static_cast<std::size_t>(size), reinterpret_cast<unsigned char*>(digest.data()));
    OPENSSL_free(der);
    return "sha256//" + base64_encoded(digest);
}

Result<std::string> file_text(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return fail(ErrorKind::system, fmt::format("{}: cannot be read", path.string()));
    return text.str();
}

Result<void> write_file(const std::filesystem::path& path, const std::string& text,
                        std::filesystem::perms permissions) {
    std::ofstream file(path);
    std::error_code error;
    std::filesystem::permissions(path, permissions, error);
    file << text << std::flush;
    if (!file || error) {
        return fail(ErrorKind::system, fmt::format("{}: cannot be written", path.string()));
    }
    return {};
}

Result<TlsIdentity> load(const std::filesystem::path& directory) {
    auto ca = file_text(directory / "ca.pem");
    auto certificate = file_text(directory / "server.pem");
    auto key = file_text(directory / "server.key");
    if (!ca) return tl::unexpected(ca.error());
    if (!certificate) return tl::unexpected(certificate.error());
    if (!key) return tl::unexpected(key.error());
    auto pin = pin_of(*certificate);
    if (!pin) return tl::unexpected(pin.error());
    return TlsIdentity{*ca, *certificate, *key, *pin};
}

}  // namespace

Result<TlsIdentity> make_tls_identity(const std::vector<std::string>& names) {
    const Key ca_key(EVP_EC_gen("P-256"));
    const Key key(EVP_EC_gen("P-256"));
    if (!ca_key || !key) return openssl_failure("cannot make a key");
    const auto ca = blank_certificate(ca_key.get(), "routeros-sim authority");
    if (!ca || !extend(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE") ||
        !extend(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
        !extend(ca.get(), ca.get(), NID_subject_key_identifier, "hash") ||
        !sign(ca.get(), ca.get(), ca_key.get())) {
        return openssl_failure("cannot make the authority's certificate");
    }
    const auto server = blank_certificate(key.get(), "routeros-sim");
    if (!server ||
        !extend(server.get(), ca.get(), NID_subject_alt_name, alternative_names(names)) ||
        !extend(server.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE") ||
        !extend(server.get(), ca.get(), NID_ext_key_usage, "serverAuth") ||
        !extend(server.get(), ca.get(), NID_authority_key_identifier, "keyid") ||
        !sign(server.get(), ca.get(), ca_key.get())) {
        return openssl_failure("cannot make the server's certificate");
    }
    TlsIdentity identity{pem_of(ca.get()), pem_of(server.get()), pem_of(key.get()), {}};
    auto pin = pin_of(identity.certificate_pem);
    if (!pin) return tl::unexpected(pin.error());
    identity.pin = *pin;
    return identity;
}

Result<TlsIdentity> load_or_make_tls_identity(const std::string& directory,
                                              const std::vector<std::string>& names) {
    using std::filesystem::perms;
    const std::filesystem::path place(directory);
    if (std::filesystem::exists(place / "server.key")) return load(place);
    auto identity = make_tls_identity(names);
    if (!identity) return identity;
    constexpr auto kSecret = perms::owner_read | perms::owner_write;
    constexpr auto kPublic = kSecret | perms::group_read | perms::others_read;
    auto written =
        write_file(place / "ca.pem", identity->ca_pem, kPublic)
            .and_then([&] {
                return write_file(place / "server.pem", identity->certificate_pem, kPublic);
            })
            .and_then([&] { return write_file(place / "server.key", identity->key_pem, kSecret); });
    if (!written) return tl::unexpected(written.error());
    return identity;
}

}  // namespace wanctl::sim
