package dev.buildman.testing.ec2;

/**
 * An error as the service says it.
 *
 * @param code as {@code InsufficientInstanceCapacity}
 */
public record Ec2Error(int status, String code, String message) {

  /** A pool has no room (E1). */
  public static Ec2Error noCapacity(String type, String zone) {
    return new Ec2Error(
        500,
        "InsufficientInstanceCapacity",
        ("We currently do not have sufficient %1$s capacity in the Availability Zone you requested"
                + " (%2$s). Our system will be working on provisioning additional capacity. You can"
                + " currently get %1$s capacity by not specifying an Availability Zone in your"
                + " request.")
            .formatted(type, zone));
  }

  /** Another one of those that speak of a pool (E1), by its code. */
  public static Ec2Error ofPool(String code) {
    return switch (code) {
      case "InsufficientInstanceCapacity" -> noCapacity("c5.large", "us-east-1a");
      case "UnfulfillableCapacity" ->
          new Ec2Error(
              500,
              code,
              "Unable to fulfill capacity due to your request configuration. Please adjust your"
                  + " request and try again.");
      case "InsufficientHostCapacity", "InsufficientCapacityOnHost" ->
          new Ec2Error(500, code, "There is not enough capacity on the host.");
      case "SpotMaxPriceTooLow" ->
          new Ec2Error(
              400,
              code,
              "Your Spot request price of 0.001 is lower than the minimum required Spot request"
                  + " fulfillment price of 0.0374.");
      case "MaxSpotInstanceCountExceeded" ->
          new Ec2Error(400, code, "Max spot instance count exceeded");
      case "InsufficientFreeAddressesInSubnet" ->
          new Ec2Error(
              400,
              code,
              "There are not enough free addresses in subnet 'subnet-0000000a' to satisfy the"
                  + " requested number of instances.");
      case "Unsupported" ->
          new Ec2Error(
              400,
              code,
              "Your requested instance type (c5.large) is not supported in your requested"
                  + " Availability Zone (us-east-1e). Please retry your request by not specifying"
                  + " an Availability Zone or choosing us-east-1a, us-east-1b.");
      default -> throw new IllegalArgumentException(code);
    };
  }

  /** The account may have no more instances (E2). */
  public static Ec2Error instanceQuota() {
    return new Ec2Error(
        400,
        "InstanceLimitExceeded",
        "Your quota allows for 0 more running instance(s). You requested at least 1");
  }

  /** The account may have no more processors (E2). */
  public static Ec2Error processorQuota(int limit) {
    return new Ec2Error(
        400,
        "VcpuLimitExceeded",
        ("You have requested more vCPU capacity than your current vCPU limit of %d allows for the"
                + " instance bucket that the specified instance type belongs to. Please visit"
                + " http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this"
                + " limit.")
            .formatted(limit));
  }

  /** Too many requests (E3). */
  public static Ec2Error throttled() {
    return new Ec2Error(503, "RequestLimitExceeded", "Request limit exceeded.");
  }

  /** A failure of the service. */
  public static Ec2Error internal() {
    return new Ec2Error(500, "InternalError", "An internal error has occurred");
  }

  /** The service is not there for the moment. */
  public static Ec2Error unavailable() {
    return new Ec2Error(
        503, "Unavailable", "The service is unavailable. Please try again shortly.");
  }

  /** The account is closed. */
  public static Ec2Error blocked() {
    return new Ec2Error(
        403,
        "Blocked",
        "This account is currently blocked and not recognized as a valid account. Please contact"
            + " aws-verification@amazon.com if you have questions.");
  }

  static Ec2Error credentials() {
    return new Ec2Error(
        401, "AuthFailure", "AWS was not able to validate the provided access credentials");
  }

  static Ec2Error invalid(String message) {
    return new Ec2Error(400, "InvalidParameterValue", message);
  }

  static Ec2Error combination(String message) {
    return new Ec2Error(400, "InvalidParameterCombination", message);
  }

  static Ec2Error missing(String parameter) {
    return new Ec2Error(
        400, "MissingParameter", "The request must contain the parameter " + parameter);
  }

  static Ec2Error notFound(String code, String message) {
    return new Ec2Error(400, code, message);
  }

  Refused asRefusal() {
    return new Refused(this);
  }

  /** Ends the work on a request. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Ec2Error error;

    Refused(Ec2Error error) {
      super(error.code());
      this.error = error;
    }

    Ec2Error error() {
      return error;
    }
  }
}
