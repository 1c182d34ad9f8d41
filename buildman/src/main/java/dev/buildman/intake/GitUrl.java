package dev.buildman.intake;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The git URLs that an agent may be given: https, http, ssh and {@code user@host:path}.
 *
 * <p>Everything else is refused by form, before git sees it: options ({@code -u...}), helpers
 * ({@code ext::}), local paths and {@code file:}, and hosts or paths that ssh would take for an
 * option.
 */
record GitUrl(boolean ssh, String text) {

  private static final String ALLOWED = "it must be an https, http or ssh URL, or user@host:path";
  private static final Pattern SCP =
      Pattern.compile("(?<user>[A-Za-z0-9_.][A-Za-z0-9_.-]*)@(?<host>[^:/@\\s]+):(?<path>[^\\s]+)");
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+]");
  private static final int LONGEST = 2048;

  /** Either a URL or the sentence that refuses it; the sentence never holds the URL's password. */
  sealed interface Parsed {
    record Good(GitUrl url) implements Parsed {}

    record Bad(String text) implements Parsed {}
  }

  static Parsed parse(String url) {
    if (url.isEmpty()) {
      return new Parsed.Bad("a git source needs a URL: " + ALLOWED);
    }
    if (url.length() > LONGEST) {
      return new Parsed.Bad("the URL is longer than " + LONGEST + " characters");
    }
    if (url.startsWith("-")) {
      return new Parsed.Bad("a URL cannot begin with '-': " + ALLOWED);
    }
    if (url.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      return new Parsed.Bad("a URL holds no white space or control characters");
    }
    int scheme = url.indexOf("://");
    if (scheme > 0) {
      return ofScheme(url, url.substring(0, scheme).toLowerCase(Locale.ROOT));
    }
    return url.contains("::") ? new Parsed.Bad(refusedTransport(url)) : scpLike(url);
  }

  private static String refusedTransport(String url) {
    return "git's '" + url.substring(0, url.indexOf("::")) + "::' transport is refused: " + ALLOWED;
  }

  private static Parsed ofScheme(String url, String scheme) {
    if (scheme.contains("::")) {
      return new Parsed.Bad(refusedTransport(url));
    }
    boolean ssh = scheme.equals("ssh");
    if (!ssh && !scheme.equals("https") && !scheme.equals("http")) {
      return new Parsed.Bad("'" + scheme + ":' is refused: " + ALLOWED);
    }
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      return new Parsed.Bad("this is no URL: " + ALLOWED);
    }
    Optional<String> problem = problem(uri, ssh);
    return problem
        .<Parsed>map(Parsed.Bad::new)
        .orElseGet(() -> new Parsed.Good(new GitUrl(ssh, url)));
  }

  private static Optional<String> problem(URI uri, boolean ssh) {
    String host = uri.getHost();
    if (host == null || !HOST.matcher(host).matches()) {
      return Optional.of("its host is missing or no host name");
    }
    String user = uri.getRawUserInfo();
    if (user != null && user.contains(":")) {
      return Optional.of(
          "a password in the URL would be shown to others: send it as spec.git.token");
    }
    if (user != null && user.startsWith("-")) {
      return Optional.of("its user cannot begin with '-'");
    }
    if (user != null && !ssh) {
      return Optional.of("a user in the URL may be a token: send it as spec.git.token");
    }
    String path = uri.getRawPath();
    if (path == null || path.length() < 2) {
      return Optional.of("the repository's path is missing");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      return Optional.of(
          "a query or fragment is not part of a git URL: name the commit as spec.git.ref");
    }
    return path.startsWith("/-") ? Optional.of("its path cannot begin with '-'") : Optional.empty();
  }

  private static Parsed scpLike(String url) {
    if (url.regionMatches(true, 0, "file:", 0, 5)) {
      return new Parsed.Bad("'file:' is refused: " + ALLOWED);
    }
    Matcher scp = SCP.matcher(url);
    if (!scp.matches() || !HOST.matcher(scp.group("host")).matches()) {
      return new Parsed.Bad("this is no URL of a git server: " + ALLOWED);
    }
    if (scp.group("path").startsWith("-")) {
      return new Parsed.Bad("its path cannot begin with '-'");
    }
    return new Parsed.Good(new GitUrl(true, url));
  }
}
