package dev.buildman.testing.ec2;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Who calls: the signature of a request (version 4) is checked as the service does. */
final class Credentials {
  private static final Pattern HEADER =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=(?<key>[^/]+)/(?<scope>(?<day>\\d+)/(?<region>[^/]+)"
              + "/(?<service>[^/]+)/aws4_request), *SignedHeaders=(?<headers>[^,]+),"
              + " *Signature=(?<signature>[0-9a-f]+)");

  volatile String session = "";
  volatile boolean expired;

  /** What is wrong with a request; empty: nothing. */
  Optional<Ec2Error> wrong(HttpExchange exchange, byte[] body) {
    Headers headers = exchange.getRequestHeaders();
    Matcher said =
        HEADER.matcher(Optional.ofNullable(headers.getFirst("Authorization")).orElse(""));
    if (!said.matches()) {
      return Optional.of(Ec2Error.missing("AWSAccessKeyId"));
    }
    boolean sts = said.group("service").equals("sts");
    if (!said.group("region").equals(Region.NAME)) {
      return Optional.of(
          new Ec2Error(
              sts ? 403 : 401,
              sts ? "SignatureDoesNotMatch" : "AuthFailure",
              "Credential should be scoped to a valid region, not '%s'. "
                  .formatted(said.group("region"))));
    }
    String token = Optional.ofNullable(headers.getFirst("X-Amz-Security-Token")).orElse("");
    if (!said.group("key").equals(FakeEc2.ACCESS_KEY) || !token.equals(session)) {
      return Optional.of(
          sts
              ? new Ec2Error(
                  403,
                  "InvalidClientTokenId",
                  "The security token included in the request is invalid.")
              : Ec2Error.credentials());
    }
    if (expired) {
      return Optional.of(
          sts
              ? new Ec2Error(
                  403, "ExpiredToken", "The security token included in the request is expired")
              : new Ec2Error(400, "RequestExpired", "Request has expired."));
    }
    if (!said.group("signature").equals(signature(exchange, body, said))) {
      return Optional.of(
          sts
              ? new Ec2Error(
                  403,
                  "SignatureDoesNotMatch",
                  "The request signature we calculated does not match the signature you provided."
                      + " Check your AWS Secret Access Key and signing method.")
              : Ec2Error.credentials());
    }
    return Optional.empty();
  }

  private static String signature(HttpExchange exchange, byte[] body, Matcher said) {
    Headers headers = exchange.getRequestHeaders();
    StringBuilder canonical = new StringBuilder(exchange.getRequestMethod()).append('\n');
    String query = exchange.getRequestURI().getRawQuery();
    canonical.append(exchange.getRequestURI().getRawPath()).append('\n');
    canonical.append(query == null ? "" : query).append('\n');
    for (String name : List.of(said.group("headers").split(";", -1))) {
      String value = String.join(",", headers.getOrDefault(capital(name), List.of()));
      canonical.append(name).append(':').append(value.strip()).append('\n');
    }
    canonical.append('\n').append(said.group("headers")).append('\n').append(hash(body));
    String toSign =
        "AWS4-HMAC-SHA256\n"
            + headers.getFirst("X-Amz-Date")
            + "\n"
            + said.group("scope")
            + "\n"
            + hash(canonical.toString().getBytes(StandardCharsets.UTF_8));
    byte[] key = ("AWS4" + FakeEc2.SECRET_KEY).getBytes(StandardCharsets.UTF_8);
    for (String part : List.of(said.group("scope").split("/", -1))) {
      key = mac(key, part);
    }
    return HexFormat.of().formatHex(mac(key, toSign));
  }

  private static String capital(String header) {
    return header.substring(0, 1).toUpperCase(Locale.ROOT) + header.substring(1);
  }

  private static byte[] mac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hash(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
