package dev.buildman.executor.ec2;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.AdaptiveRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The calls to one account in one region. Launches have a client of their own: the provider counts
 * them apart, and one that was throttled must not slow the looks down (E3).
 */
final class Account implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(30);
  // Within the 25 s that a launch has by default, with time for a look after it.
  private static final Duration LAUNCH = Duration.ofSeconds(18);

  private final AccountAccess access;
  private final SdkHttpClient http;
  private final AwsCredentialsProvider credentials;
  private final Ec2Client looks;
  private final Ec2Client launches;
  private final StsClient sts;
  private volatile boolean closed;

  /** Calls nothing, and reads no credentials yet. */
  Account(AccountAccess access) {
    this.access = access;
    this.http =
        Apache5HttpClient.builder().connectionTimeout(CONNECT).socketTimeout(ANSWER).build();
    this.credentials =
        access
            .keys()
            .<AwsCredentialsProvider>map(
                keys ->
                    StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(keys.id().reveal(), keys.secret().reveal())))
            .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    this.looks = client(AwsRetryStrategy.adaptiveRetryStrategy(), LOOK);
    this.launches = client(onlyWhenThrottled(), LAUNCH);
    this.sts = identities();
  }

  private Ec2Client client(RetryStrategy retries, Duration limit) {
    return Ec2Client.builder()
        .region(Region.of(access.region()))
        .credentialsProvider(credentials)
        .httpClient(http)
        .applyMutation(builder -> access.endpoint().ifPresent(builder::endpointOverride))
        .overrideConfiguration(c -> c.retryStrategy(retries).apiCallTimeout(limit))
        .build();
  }

  /** A launch without an answer is for {@link Launch} to repeat, which remembers that it was. */
  private static RetryStrategy onlyWhenThrottled() {
    return AdaptiveRetryStrategy.builder()
        .useClientDefaults(false)
        .maxAttempts(3)
        .retryOnException(Ec2Answer::isThrottled)
        .treatAsThrottling(Ec2Answer::isThrottled)
        .backoffStrategy(
            BackoffStrategy.exponentialDelay(Duration.ofMillis(200), Duration.ofSeconds(4)))
        .throttlingBackoffStrategy(
            BackoffStrategy.exponentialDelay(Duration.ofMillis(500), Duration.ofSeconds(4)))
        .build();
  }

  private StsClient identities() {
    return StsClient.builder()
        .region(Region.of(access.region()))
        .credentialsProvider(credentials)
        .httpClient(http)
        // An emulator speaks for all services; the provider's own private endpoints do not.
        .applyMutation(
            builder ->
                access
                    .endpoint()
                    .filter(uri -> !String.valueOf(uri.getHost()).contains(".amazonaws.com"))
                    .ifPresent(builder::endpointOverride))
        .overrideConfiguration(c -> c.apiCallTimeout(ANSWER))
        .build();
  }

  /** For people. */
  String where() {
    return access.where();
  }

  String region() {
    return access.region();
  }

  /** Everything but launches. */
  Ec2Client looks() {
    return looks;
  }

  Ec2Client launches() {
    return launches;
  }

  StsClient sts() {
    return sts;
  }

  SdkHttpClient http() {
    return http;
  }

  /** Whether calls fail for no other reason, with exceptions of any kind. */
  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    looks.close();
    launches.close();
    sts.close();
    if (credentials instanceof SdkAutoCloseable open) {
      open.close();
    }
    http.close();
  }
}
