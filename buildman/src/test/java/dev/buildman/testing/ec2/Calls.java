package dev.buildman.testing.ec2;

import java.util.function.Consumer;

/** The actions of both services, and their answers' outermost form. */
final class Calls {
  private static final String EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/";
  private static final String STS = "https://sts.amazonaws.com/doc/2011-06-15/";

  private final Permissions permissions;
  private final Instances instances;
  private final Resources resources;

  Calls(Permissions permissions, Instances instances, Resources resources) {
    this.permissions = permissions;
    this.instances = instances;
    this.resources = resources;
  }

  /** What a call gets. */
  record Answer(int status, String body) {}

  /** Does what a call asks for. */
  Answer answer(Query request) {
    String action = request.get("Action");
    try {
      if (isSts(request)) {
        return new Answer(200, sts(action, request));
      }
      Consumer<Xml> content = ec2(action, request);
      return new Answer(
          200,
          Xml.document(
              action + "Response",
              EC2,
              xml -> content.accept(xml.put("requestId", "59dbff89-35bd-4eac-99ed-be587EXAMPLE"))));
    } catch (Ec2Error.Refused refused) {
      return refusal(request, refused.error());
    }
  }

  private static boolean isSts(Query request) {
    return request.get("Version").equals("2011-06-15");
  }

  private Consumer<Xml> ec2(String action, Query request) {
    if (action.startsWith("Describe") || action.startsWith("Get")) {
      permissions.demand("ec2:" + action);
      Instances.dryRun(request);
    }
    return switch (action) {
      case "RunInstances" -> instances.run(request);
      case "DescribeInstances" -> instances.describe(request);
      case "TerminateInstances" -> instances.terminate(request, permissions);
      case "CreateTags" -> instances.createTags(request, permissions);
      case "GetConsoleOutput" -> instances.consoleOutput(request);
      case "DescribeInstanceStatus" -> instances.status(request);
      case "DescribeSpotInstanceRequests" -> instances.spotRequests(request);
      case "DescribeInstanceTypes" -> resources.types(request);
      case "DescribeImages" -> resources.images(request);
      case "DescribeSubnets" -> resources.subnets(request);
      case "DescribeSecurityGroups" -> resources.groups(request);
      case "DescribeKeyPairs" -> resources.keys(request);
      case "DescribeLaunchTemplates" -> resources.templates(request);
      case "DescribeLaunchTemplateVersions" -> resources.templateVersions(request);
      default ->
          throw new Ec2Error(
                  400,
                  "InvalidAction",
                  "The action " + action + " is not valid for this web service.")
              .asRefusal();
    };
  }

  private String sts(String action, Query request) {
    Consumer<Xml> result =
        switch (action) {
          case "GetCallerIdentity" ->
              xml ->
                  xml.put("Arn", permissions.caller())
                      .put("UserId", "AIDAEXAMPLE")
                      .put("Account", Region.ACCOUNT);
          case "DecodeAuthorizationMessage" -> {
            if (!permissions.may("sts:DecodeAuthorizationMessage")) {
              throw new Ec2Error(
                      403,
                      "AccessDenied",
                      "User: %s is not authorized to perform: sts:DecodeAuthorizationMessage"
                          .formatted(permissions.caller()))
                  .asRefusal();
            }
            String decoded = Permissions.decoded(request.get("EncodedMessage"));
            yield xml -> xml.put("DecodedMessage", decoded);
          }
          default ->
              throw new Ec2Error(400, "InvalidAction", "Could not find operation " + action)
                  .asRefusal();
        };
    return Xml.document(
        action + "Response",
        STS,
        xml ->
            xml.in(action + "Result", result)
                .in("ResponseMetadata", meta -> meta.put("RequestId", "c6104cbe-EXAMPLE")));
  }

  /** An error in the words of the service that was called. */
  static Answer refusal(Query request, Ec2Error error) {
    Consumer<Xml> words = xml -> xml.put("Code", error.code()).put("Message", error.message());
    String body =
        isSts(request)
            ? Xml.document(
                "ErrorResponse",
                STS,
                xml ->
                    xml.in("Error", e -> words.accept(e.put("Type", "Sender")))
                        .put("RequestId", "c6104cbe-EXAMPLE"))
            : Xml.document(
                "Response",
                "",
                xml ->
                    xml.in("Errors", errors -> errors.in("Error", words))
                        .put("RequestID", "ea966190-f9aa-478e-9ede-EXAMPLE"));
    return new Answer(error.status(), body);
  }
}
