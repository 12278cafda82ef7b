import VexportCore

extension Channel {
    /// Tries to read each file that it needs.
    ///
    /// - Returns: a text for each that can't be used: its key in the configuration, its path, and why, never what is in it.
    public func fileProblems() -> [String] {
        let secrets = [
            ("url_file", endpoint.urlFile), ("secret_file", kind.secretFile), ("password_file", endpoint.passwordFile),
            ("bearer_token_file", endpoint.bearerTokenFile), ("hmac_secret_file", endpoint.signatureKeyFile),
        ]
        // These are libcurl's to read.
        let certificates = [
            ("ca_file", endpoint.http.authorityFile), ("cert_file", endpoint.http.certificateFile),
            ("key_file", endpoint.http.keyFile),
        ]
        return secrets.compactMap { key, path in
            problem(key, path) { (path) throws(SecretFile.Failure) in _ = try SecretFile.read(path) }
        }
            + certificates.compactMap { key, path in
                problem(key, path) { (path) throws(SecretFile.Failure) in
                    _ = try SecretFile.beginning(of: path, 1)
                }
            }
    }

    private func problem(
        _ key: String, _ path: String?, _ read: (String) throws(SecretFile.Failure) -> Void
    ) -> String? {
        guard let path else { return nil }
        do throws(SecretFile.Failure) { try read(path) } catch {
            return "\(kind.name) \(key) \(EscapedText(path.utf8)): \(error.reason)"
        }
        return nil
    }
}
