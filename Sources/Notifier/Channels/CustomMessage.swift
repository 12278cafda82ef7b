import FoundationEssentials
import VexportCore

/// A body made from the configuration's template. Its names: `title`, `text`, `status`, `receiver`, `count`, `secret`,
/// `group_key`, `alerts` (as JSON, Alertmanager's webhook as a whole) and `labels.NAME` (common ones).
enum CustomMessage {
    static func body(_ notification: AlertNotification, _ options: CustomOptions, secret: String) -> [UInt8] {
        let message = ChatMessage(notification, .plain)
        let type = options.contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
        let isJSON = type.hasSuffix("json")
        let isForm = type == "application/x-www-form-urlencoded"
        func escaped(_ text: String) -> String {
            if isJSON {
                // The text as it stands between the quotes of JSON.
                return String(decoding: JSONValue.text(text).bytes.dropFirst().dropLast(), as: UTF8.self)
            }
            return isForm ? PercentEncoding.encoded(text) : text
        }
        let text = options.body.render { name in
            switch name {
            case "title": escaped(message.title)
            case "text": escaped(message.text(fitting: 16_000))
            case "status": escaped(notification.isFiring ? "firing" : "resolved")
            case "receiver": escaped(notification.receiver)
            case "count": "\(notification.items.count + notification.truncated)"
            case "secret": escaped(secret)
            case "group_key": escaped(notification.groupKey)
            case "alerts": String(decoding: WebhookMessage.json(notification).bytes, as: UTF8.self)
            default: name.hasPrefix("labels.") ? notification.commonLabels[String(name.dropFirst(7))].map(escaped) : nil
            }
        }
        return Array(text.utf8)
    }
}

/// Source: RFC 3986, 2.1.
enum PercentEncoding {
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var result = String.UnicodeScalarView()
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._~".unicodeScalars.contains(scalar)
            {
                result.append(scalar)
            } else {
                result.append("%")
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return String(result)
    }
}
