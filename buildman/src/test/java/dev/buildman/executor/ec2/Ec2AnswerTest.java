package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.ec2.Ec2Answer.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.sts.model.StsException;

class Ec2AnswerTest {
  private static final String WHERE = "EC2 in eu-central-1";

  private static SdkException answer(int status, String code, String message) {
    return Ec2Exception.builder()
        .statusCode(status)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage(message).build())
        .build();
  }

  private static SdkException silence(IOException cause) {
    return SdkClientException.create("Unable to execute HTTP request", cause);
  }

  @ParameterizedTest
  @CsvSource({
    "500, InsufficientInstanceCapacity, NO_ROOM",
    "500, Server.InsufficientInstanceCapacity, NO_ROOM",
    "400, MaxSpotInstanceCountExceeded, NO_ROOM",
    "400, Unsupported, NO_ROOM",
    "400, InvalidSubnetID.NotFound, WRONG_POOL",
    "403, AuthFailure.ServiceLinkedRoleCreationNotPermitted, WRONG_POOL",
    "400, InstanceLimitExceeded, QUOTA",
    "400, VcpuLimitExceeded, QUOTA",
    "400, VolumeLimitExceeded, QUOTA",
    "400, PendingVerification, QUOTA",
    "503, RequestLimitExceeded, THROTTLED",
    "400, Throttling, THROTTLED",
    "429, Whatever, THROTTLED",
    "400, IdempotentParameterMismatch, TOKEN_USED",
    "412, DryRunOperation, ALLOWED",
    "403, UnauthorizedOperation, NOT_ALLOWED",
    "400, InvalidInstanceID.NotFound, NOT_FOUND",
    "400, InvalidAMIID.NotFound, REFUSED",
    "401, AuthFailure, REFUSED",
    "500, InternalError, LOST",
    "503, Unavailable, LOST"
  })
  void anAnswerIsClassedByItsCode(int status, String code, Kind kind) {
    assertThat(Ec2Answer.kind(answer(status, code, "words"))).isEqualTo(kind);
  }

  @Test
  void silenceIsClassedByWhetherAnythingMayHaveBeenAsked() {
    assertThat(Ec2Answer.kind(silence(new ConnectException("Connection refused"))))
        .isEqualTo(Kind.UNREACHABLE);
    assertThat(Ec2Answer.kind(silence(new UnknownHostException("ec2.nowhere.amazonaws.com"))))
        .isEqualTo(Kind.UNREACHABLE);
    assertThat(Ec2Answer.kind(silence(new SocketTimeoutException("Connect timed out"))))
        .isEqualTo(Kind.UNREACHABLE);
    assertThat(Ec2Answer.kind(silence(new SocketTimeoutException("Read timed out"))))
        .isEqualTo(Kind.LOST);
    assertThat(Ec2Answer.kind(silence(new IOException("Connection reset")))).isEqualTo(Kind.LOST);
    assertThat(Ec2Answer.kind(ApiCallTimeoutException.create(18_000))).isEqualTo(Kind.LOST);
  }

  @Test
  void withoutCredentialsNothingIsAsked() {
    SdkException none =
        SdkClientException.create(
            "Unable to load credentials from any of the providers in the chain");
    assertThat(Ec2Answer.kind(none)).isEqualTo(Kind.REFUSED);
    assertThat(Ec2Answer.words(none, WHERE))
        .contains(WHERE, "no credentials", "AWS_ACCESS_KEY", "web identity");

    SdkException identity =
        (SdkException)
            StsException.builder()
                .statusCode(400)
                .awsErrorDetails(
                    AwsErrorDetails.builder()
                        .errorCode("InvalidIdentityToken")
                        .errorMessage("No OpenIDConnect provider found")
                        .build())
                .build();
    assertThat(Ec2Answer.kind(identity)).isEqualTo(Kind.REFUSED);
    assertThat(Ec2Answer.words(identity, WHERE)).contains("STS answered InvalidIdentityToken");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "InvalidAMIID.NotFound | The image id '[ami-1]' does not exist | COREOS_AMI",
        "InvalidKeyPair.NotFound | The key pair 'x' does not exist | EC2_KEY_NAME",
        "InvalidParameterValue | Value (x) for parameter iamInstanceProfile.name is invalid"
            + " | EC2_IAM_INSTANCE_PROFILE",
        "VcpuLimitExceeded | your current vCPU limit of 0 | larger quota",
        "AuthFailure | AWS was not able to validate | AWS_SECRET_KEY",
        "AuthFailure | Credential should be scoped to a valid region | EC2_REGION",
        "RequestExpired | Request has expired. | clock",
        "VPCIdNotSpecified | No default VPC for this user | EC2_VPC_SUBNET_ID"
      })
  void itsWordsComeWithWhatMayHelp(String code, String words, String cure) {
    assertThat(Ec2Answer.words(answer(400, code, words), WHERE)).contains(WHERE, code, words, cure);
  }

  @Test
  void whatOnlyTheProviderCanReadIsLeftOut() {
    String message =
        "You are not authorized to perform this operation. Encoded authorization failure message: "
            + "x".repeat(900);
    assertThat(Ec2Answer.words(answer(403, "UnauthorizedOperation", message), WHERE))
        .contains("not authorized", "docs/ec2.md")
        .doesNotContain("xxx");
  }
}
