package dev.buildman.agent.engine.tree;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes extended attributes byte for byte, also those that are no text. */
final class PaxAttributes {
  private static final int LONGEST_NAME = 100;
  private static final String PLAIN = "[\\x20-\\x7e]*";

  private PaxAttributes() {}

  /**
   * Puts the entry with its attributes; its content has to follow.
   *
   * @param attributes a byte is a character
   */
  static void put(
      TarArchiveOutputStream tar, TarArchiveEntry header, Map<String, String> attributes)
      throws IOException {
    Map<String, String> sorted = new TreeMap<>(attributes);
    if (sorted.values().stream().allMatch(PaxAttributes::isText)) {
      sorted.forEach((name, value) -> header.addPaxHeader(name, text(value)));
      tar.putArchiveEntry(header);
      return;
    }
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    // A second header of this kind would take the place of this one: it must hold the names too.
    String name = header.getName();
    if (name.length() > LONGEST_NAME || !name.matches(PLAIN)) {
      record(records, "path", new String(name.getBytes(UTF_8), ISO_8859_1));
      header.setName(header.isDirectory() ? "long/" : "long");
    }
    for (Map.Entry<String, String> attribute : sorted.entrySet()) {
      record(records, attribute.getKey(), attribute.getValue());
    }
    TarArchiveEntry pax =
        new TarArchiveEntry("./PaxHeaders/attributes", TarConstants.LF_PAX_EXTENDED_HEADER_LC);
    pax.setSize(records.size());
    pax.setModTime(header.getModTime());
    pax.setUserName("");
    pax.setGroupName("");
    tar.putArchiveEntry(pax);
    records.writeTo(tar);
    tar.closeArchiveEntry();
    tar.putArchiveEntry(header);
  }

  private static void record(ByteArrayOutputStream out, String name, String value)
      throws IOException {
    int rest = name.length() + value.length() + 3;
    int length = rest + Integer.toString(rest).length();
    length = rest + Integer.toString(length).length();
    out.write((length + " " + name + "=" + value + "\n").getBytes(ISO_8859_1));
  }

  private static boolean isText(String value) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(value.getBytes(ISO_8859_1)));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static String text(String value) {
    return new String(value.getBytes(ISO_8859_1), UTF_8);
  }
}
