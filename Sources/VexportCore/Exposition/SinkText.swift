/// Renders families that are not of links, each sample's labels included.
enum SinkText {
    static func render(_ sink: SampleSink, _ format: ExpositionFormat) -> [UInt8] {
        var bytes: [UInt8] = []
        for family in sink.families {
            bytes.append(contentsOf: format.header(of: family.metric))
            for sample in family.samples {
                bytes.append(contentsOf: family.metric.name.utf8)
                bytes.append(contentsOf: TextFormat.block(sample.labels))
                bytes.append(contentsOf: TextFormat.number(sample.value).utf8)
                bytes.append(UInt8(ascii: "\n"))
            }
        }
        for page in sink.pages { bytes.append(contentsOf: page.text(format)) }
        return bytes
    }
}
