package dev.buildman.testing.ec2;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the caller may do; refusals of launches and ends carry an encoded message. */
final class Permissions {
  private static final String ARN = "arn:aws:iam::" + Region.ACCOUNT + ":user/buildman";
  private static final Set<String> ENCODED =
      Set.of("ec2:RunInstances", "ec2:TerminateInstances", "ec2:CreateTags", "iam:PassRole");

  private final Set<String> denied = ConcurrentHashMap.newKeySet();

  void deny(String action) {
    denied.add(action);
  }

  void allowAll() {
    denied.clear();
  }

  boolean may(String action) {
    return !denied.contains(action);
  }

  String caller() {
    return ARN;
  }

  void demand(String action) {
    if (may(action)) {
      return;
    }
    String resource =
        ENCODED.contains(action)
            ? " on resource: arn:aws:ec2:" + Region.NAME + ":" + Region.ACCOUNT + ":instance/*"
            : "";
    String encoded =
        ENCODED.contains(action)
            ? ". Encoded authorization failure message: " + encoded(action)
            : "";
    throw new Ec2Error(
            403,
            "UnauthorizedOperation",
            "You are not authorized to perform this operation. User: "
                + ARN
                + " is not authorized to perform: "
                + action
                + resource
                + " because no identity-based policy allows the "
                + action
                + " action"
                + encoded)
        .asRefusal();
  }

  private static String encoded(String action) {
    String message =
        """
        {"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]},\
        "failures":{"items":[]},"context":{"principal":{"id":"AIDAEXAMPLE","name":"buildman",\
        "arn":"%s"},"action":"%s","resource":"arn:aws:ec2:%s:%s:instance/*",\
        "conditions":{"items":[]}}}\
        """
            .formatted(ARN, action, Region.NAME, Region.ACCOUNT);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(message.getBytes(StandardCharsets.UTF_8));
  }

  static String decoded(String message) {
    try {
      return new String(Base64.getUrlDecoder().decode(message), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new Ec2Error(
              400,
              "InvalidAuthorizationMessageException",
              "The specified authorization message is invalid")
          .asRefusal();
    }
  }
}
