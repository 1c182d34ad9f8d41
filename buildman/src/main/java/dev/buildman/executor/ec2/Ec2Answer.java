package dev.buildman.executor.ec2;

import dev.buildman.executor.Causes;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.sts.model.StsException;

/** What the provider's refusal, or its silence, means. */
final class Ec2Answer {

  /** Who can do something about it. */
  enum Kind {
    /** This pool has no room now; another may (E1). */
    NO_ROOM,
    /** This pool cannot be, and another may: a subnet or a type that is not there. */
    WRONG_POOL,
    /** The account's quota is used up until something ends (E2). */
    QUOTA,
    /** The account's rate of calls (E3). */
    THROTTLED,
    /** Another launch was made under the same client token (E4). */
    TOKEN_USED,
    /** It was only asked whether it might be done, and it may. */
    ALLOWED,
    /** No right to it. */
    NOT_ALLOWED,
    /** An id that the provider does not know, or does not know yet (E5). */
    NOT_FOUND,
    /** What was asked for is wrong, and will be the next time. */
    REFUSED,
    /** Nothing was asked for: no connection stood, or there was nothing to sign with. */
    UNREACHABLE,
    /** It may have been done or not. */
    LOST
  }

  private static final Set<String> NO_ROOM =
      Set.of(
          "InsufficientAddressCapacity",
          "InsufficientCapacity",
          "InsufficientCapacityOnHost",
          "InsufficientFreeAddressesInSubnet",
          "InsufficientHostCapacity",
          "InsufficientInstanceCapacity",
          "InsufficientReservedInstanceCapacity",
          "InsufficientVolumeCapacity",
          "MaxSpotInstanceCountExceeded",
          "ReservationCapacityExceeded",
          "SpotMaxPriceTooLow",
          "UnfulfillableCapacity",
          "Unsupported");

  private static final Set<String> THROTTLED =
      Set.of(
          "BandwidthLimitExceeded",
          "EC2ThrottledException",
          "PriorRequestNotComplete",
          "RequestLimitExceeded",
          "RequestThrottled",
          "RequestThrottledException",
          "SlowDown",
          "ThrottledException",
          "Throttling",
          "ThrottlingException",
          "TooManyRequestsException");

  private static final Set<String> NO_CREDENTIALS =
      Set.of(
          "AuthFailure",
          "ExpiredToken",
          "ExpiredTokenException",
          "InvalidClientTokenId",
          "MissingAuthenticationToken",
          "RequestExpired",
          "SignatureDoesNotMatch",
          "UnrecognizedClientException");

  private static final Map<String, String> CURES =
      Map.ofEntries(
          Map.entry("InvalidAMIID", "check COREOS_AMI: an image belongs to one region"),
          Map.entry("InvalidSubnet", "check EC2_VPC_SUBNET_ID"),
          Map.entry("InvalidGroup", "check EC2_SECURITY_GROUP_IDS"),
          Map.entry("InvalidSecurityGroup", "check EC2_SECURITY_GROUP_IDS"),
          Map.entry("InvalidKeyPair", "check EC2_KEY_NAME"),
          Map.entry("InvalidInstanceType", "check EC2_INSTANCE_TYPE"),
          Map.entry("InvalidLaunchTemplate", "check EC2_LAUNCH_TEMPLATE"),
          Map.entry("InvalidIamInstanceProfile", "check EC2_IAM_INSTANCE_PROFILE"),
          Map.entry(
              "AuthFailure.ServiceLinkedRole",
              "make the account's role for spot once: aws iam create-service-linked-role"
                  + " --aws-service-name spot.amazonaws.com"),
          Map.entry("VPCIdNotSpecified", "the region has no default VPC: set EC2_VPC_SUBNET_ID"),
          Map.entry("MissingInput", "set EC2_VPC_SUBNET_ID"),
          Map.entry("OptInRequired", "enable the region or the service for the account"),
          Map.entry(
              "RequestExpired",
              "give new credentials if these were for a time, and set this machine's clock"),
          Map.entry("ExpiredToken", "give new credentials: these have expired"),
          Map.entry("UnauthorizedOperation", "give the right in a policy (docs/ec2.md)"),
          Map.entry("MaxSpotInstanceCountExceeded", "ask for a larger quota of spot instances"));

  private static final String NO_KEYS =
      "check AWS_ACCESS_KEY and AWS_SECRET_KEY, or the environment, profile, web identity or"
          + " instance role that the credentials come from";
  private static final Pattern ENCODED =
      Pattern.compile("\\s*Encoded authorization failure message:\\s*\\S+");

  private Ec2Answer() {}

  /** What a failed call came to. */
  static Kind kind(Throwable e) {
    if (e instanceof StsException sts) {
      // Of getting credentials: nothing was asked of EC2.
      return sts.statusCode() >= 500 ? Kind.UNREACHABLE : Kind.REFUSED;
    }
    if (e instanceof AwsServiceException answer) {
      return kind(code(answer), answer);
    }
    if (lacksCredentials(e)) {
      return Kind.REFUSED;
    }
    return sentNothing(e) ? Kind.UNREACHABLE : Kind.LOST;
  }

  private static Kind kind(String code, AwsServiceException answer) {
    if (NO_ROOM.contains(code)) {
      return Kind.NO_ROOM;
    }
    if (isThrottled(answer)) {
      return Kind.THROTTLED;
    }
    if (code.endsWith("LimitExceeded") || code.equals("PendingVerification")) {
      return Kind.QUOTA;
    }
    return switch (code) {
      case "DryRunOperation" -> Kind.ALLOWED;
      case "UnauthorizedOperation" -> Kind.NOT_ALLOWED;
      case "IdempotentParameterMismatch" -> Kind.TOKEN_USED;
      case "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed" -> Kind.NOT_FOUND;
      case "InvalidSubnetID.NotFound",
          "InvalidSubnet",
          "InvalidInstanceType",
          "AuthFailure.ServiceLinkedRoleCreationNotPermitted" ->
          Kind.WRONG_POOL;
      case "InvalidParameterValue" ->
          message(answer).contains("InstanceType") ? Kind.WRONG_POOL : Kind.REFUSED;
      default -> answer.statusCode() >= 500 ? Kind.LOST : Kind.REFUSED;
    };
  }

  /** Whether the image that was asked for is not there, or not any more. */
  static boolean isImageGone(Throwable e) {
    return e instanceof AwsServiceException answer && code(answer).startsWith("InvalidAMIID.");
  }

  /** Whether the account's rate of calls was the only trouble: then nothing was done. */
  static boolean isThrottled(Throwable e) {
    return e instanceof AwsServiceException answer
        && !(e instanceof StsException)
        && (THROTTLED.contains(code(answer)) || answer.statusCode() == 429);
  }

  /** The provider's code without the side that it blames; empty: none. */
  static String code(AwsServiceException answer) {
    String code = answer.awsErrorDetails() == null ? null : answer.awsErrorDetails().errorCode();
    return code == null ? "" : code.replaceFirst("^(Client|Server)\\.", "");
  }

  /** For people: the provider's own words where it had some, and what may help. */
  static String words(Throwable e, String where) {
    if (e instanceof AwsServiceException answer) {
      String said = answer.awsErrorDetails() == null ? "" : message(answer);
      String code = code(answer).isEmpty() ? "status " + answer.statusCode() : code(answer);
      String who = e instanceof StsException ? "STS" : where;
      return Causes.cut("%s answered %s: %s".formatted(who, code, said)) + cure(code, said);
    }
    if (lacksCredentials(e)) {
      return where + ": there are no credentials; " + NO_KEYS;
    }
    Throwable root = Causes.root(e);
    String trouble =
        root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    String cure =
        root instanceof UnknownHostException
            ? "; check EC2_REGION, and this machine's name server"
            : sentNothing(e) ? "; check the network, and EC2_ENDPOINT if it is set" : "";
    return Causes.cut("%s did not answer: %s".formatted(where, trouble)) + cure;
  }

  private static String message(AwsServiceException answer) {
    String said = String.valueOf(answer.awsErrorDetails().errorMessage());
    return ENCODED.matcher(said).replaceAll("").strip();
  }

  private static String cure(String code, String said) {
    if (NO_CREDENTIALS.contains(code) && !CURES.containsKey(code)) {
      return said.contains("region")
          ? "; check EC2_REGION, and EC2_ENDPOINT if it is set"
          : "; " + NO_KEYS + "; and that the region is enabled for the account";
    }
    if (code.endsWith("LimitExceeded") && !THROTTLED.contains(code)) {
      return "; ask the provider for a larger quota, or set MAXIMUM_WORKERS";
    }
    String lower = said.toLowerCase(Locale.ROOT);
    if (lower.contains("iaminstanceprofile") || lower.contains("iam instance profile")) {
      return "; check EC2_IAM_INSTANCE_PROFILE";
    }
    if (code.equals("InvalidParameterValue") && lower.contains("instancetype")) {
      return "; check EC2_INSTANCE_TYPE";
    }
    return CURES.entrySet().stream()
        .filter(cure -> code.startsWith(cure.getKey()))
        .map(cure -> "; " + cure.getValue())
        .findFirst()
        .orElse("");
  }

  // The library has no type for it, only these words.
  private static boolean lacksCredentials(Throwable e) {
    return Causes.any(
        e, t -> String.valueOf(t.getMessage()).contains("Unable to load credentials"));
  }

  private static boolean sentNothing(Throwable e) {
    return Causes.any(
        e,
        t ->
            t instanceof ConnectException
                || t instanceof UnknownHostException
                || t instanceof NoRouteToHostException
                || (t instanceof SSLException && String.valueOf(t.getMessage()).contains("PKIX"))
                || (t instanceof SocketTimeoutException
                    && String.valueOf(t.getMessage())
                        .toLowerCase(Locale.ROOT)
                        .contains("connect")));
  }
}
