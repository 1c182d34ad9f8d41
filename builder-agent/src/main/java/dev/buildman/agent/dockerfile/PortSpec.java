package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ports of EXPOSE after expansion: {@code 80}, {@code 53/udp}, {@code 8000-8010/tcp}. */
public final class PortSpec {

  private static final Pattern SPEC =
      Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp|sctp))?");

  private PortSpec() {}

  /**
   * The single ports as image configurations write them, {@code 80/tcp}.
   *
   * @throws DockerfileException when the text is no port or range
   */
  public static List<String> ports(String spec, int line) throws DockerfileException {
    Matcher matcher = SPEC.matcher(spec.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new DockerfileException(
          line, "EXPOSE " + spec + " is no port; write 80, 53/udp or 8000-8010/tcp.");
    }
    int first = Integer.parseInt(matcher.group(1));
    int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
    if (first > last || last > 65535) {
      throw new DockerfileException(
          line, "EXPOSE " + spec + " is no range of ports between 0 and 65535.");
    }
    String protocol = matcher.group(3) == null ? "tcp" : matcher.group(3);
    List<String> ports = new ArrayList<>();
    for (int port = first; port <= last; port++) {
      ports.add(port + "/" + protocol);
    }
    return ports;
  }
}
