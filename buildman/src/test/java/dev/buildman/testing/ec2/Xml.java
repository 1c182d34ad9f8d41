package dev.buildman.testing.ec2;

import java.util.Collection;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** An answer as the service writes it. */
final class Xml {
  private static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

  private final StringBuilder text = new StringBuilder();

  static String document(String root, String namespace, Consumer<Xml> content) {
    Xml xml = new Xml();
    content.accept(xml);
    String space = namespace.isEmpty() ? "" : " xmlns=\"" + namespace + "\"";
    return HEAD + "<" + root + space + ">" + xml.text + "</" + root + ">\n";
  }

  Xml put(String name, Object value) {
    String escaped =
        value
            .toString()
            .replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&quot;");
    text.append('<').append(name).append('>').append(escaped);
    text.append("</").append(name).append('>');
    return this;
  }

  Xml in(String name, Consumer<Xml> content) {
    text.append('<').append(name).append('>');
    content.accept(this);
    text.append("</").append(name).append('>');
    return this;
  }

  /** What was written before. */
  Xml raw(Xml other) {
    text.append(other.text);
    return this;
  }

  <T> Xml items(String name, Collection<T> all, BiConsumer<Xml, T> one) {
    return in(name, list -> all.forEach(value -> list.in("item", item -> one.accept(item, value))));
  }

  Xml texts(String name, Collection<String> all) {
    return in(name, list -> all.forEach(value -> list.put("item", value)));
  }

  Xml tags(Map<String, String> tags) {
    return items(
        "tagSet",
        tags.entrySet(),
        (item, tag) -> item.put("key", tag.getKey()).put("value", tag.getValue()));
  }
}
