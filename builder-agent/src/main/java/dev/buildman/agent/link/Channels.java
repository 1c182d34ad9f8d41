package dev.buildman.agent.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.buildman.agent.config.ManagerAddress;
import dev.buildman.agent.config.ManagerAddress.Transport;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Makes the channel to the manager. */
final class Channels {
  /**
   * Below the 60 s after which load balancers forget a silent connection, and above the beats: a
   * stream with an answer in 30 s is never pinged, so no server finds the pings too many.
   */
  private static final long KEEPALIVE_SECONDS = 30;

  private static final long KEEPALIVE_TIMEOUT_SECONDS = 10;

  /** A build pack stays under 4 MiB. */
  private static final int MAX_MESSAGE = 8 * 1024 * 1024;

  private Channels() {}

  /**
   * Nothing is dialled yet.
   *
   * @param loop what the connection lives on
   * @throws IOException when the certificates cannot be read
   */
  static ManagedChannel open(ManagerAddress address, String version, EventLoopGroup loop)
      throws IOException {
    return NettyChannelBuilder.forAddress(
            address.host(), address.port(), credentials(address.transport()))
        .eventLoopGroup(loop)
        .channelType(NioSocketChannel.class)
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .maxInboundMessageSize(MAX_MESSAGE)
        .userAgent("builder-agent/" + version)
        // Repeats are ours: only we know what may arrive twice.
        .disableRetry()
        // Nothing that listens to answers blocks.
        .directExecutor()
        .build();
  }

  private static ChannelCredentials credentials(Transport transport) throws IOException {
    // No switch over patterns on the way to the registration: the JVM makes each its own class, at
    // run time, as its cache cannot hold them.
    if (transport instanceof Transport.TrustFile trust) {
      return trusting(trust.certificates());
    }
    return transport instanceof Transport.Plaintext
        ? InsecureChannelCredentials.create()
        : TlsChannelCredentials.create();
  }

  private static ChannelCredentials trusting(Path certificates) throws IOException {
    if (!Files.readString(certificates, ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
      throw new IOException(certificates + " holds no certificate in PEM form");
    }
    return TlsChannelCredentials.newBuilder().trustManager(certificates.toFile()).build();
  }
}
