package dev.buildman.agent.source;

import dev.buildman.proto.agent.FailureCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Addresses that come from outside: what may be used, and what may be shown. */
final class Urls {
  private static final int MAX_LENGTH = 4096;
  private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/@\\s]*@");
  private static final Pattern QUERY = Pattern.compile("[?#]\\S*");

  private Urls() {}

  /** The address without what may be a secret: user information, query, the content of data. */
  static String shown(String url) {
    if (url.regionMatches(true, 0, "data:", 0, 5)) {
      int comma = url.indexOf(',');
      return url.substring(0, Math.clamp(comma, 5, 80)) + ",...";
    }
    String cut = QUERY.matcher(USER_INFO.matcher(url).replaceAll("")).replaceAll("");
    return cut.length() <= 200 ? cut : cut.substring(0, 200) + "...";
  }

  /** An absolute http(s) address with a host. */
  static URI web(String url) throws SourceFailure {
    URI uri = parse(url);
    String scheme = scheme(uri);
    if ((!scheme.equals("http") && !scheme.equals("https")) || uri.getHost() == null) {
      throw new SourceFailure(
          FailureCode.MISSING_OR_INVALID_ARGUMENT,
          "the source's address is not http://, https:// or data: " + shown(url));
    }
    return uri;
  }

  static URI parse(String url) throws SourceFailure {
    try {
      if (url.isBlank() || url.length() > MAX_LENGTH) {
        throw new URISyntaxException("...", "empty or longer than " + MAX_LENGTH + " characters");
      }
      return new URI(url);
    } catch (URISyntaxException e) {
      throw new SourceFailure(
          FailureCode.MISSING_OR_INVALID_ARGUMENT,
          "the source's address is not valid (" + e.getReason() + "): " + shown(url));
    }
  }

  static String scheme(URI uri) {
    return uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
  }
}
