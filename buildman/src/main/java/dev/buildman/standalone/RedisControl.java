package dev.buildman.standalone;

import dev.buildman.model.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The few words that a server of ours is told: who answers to our random password is ours. */
final class RedisControl {

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final int port;
  private final Secret password;

  RedisControl(int port, Secret password) {
    this.port = port;
    this.password = password;
  }

  /** Whether a server of ours has its data loaded and answers. */
  boolean isReady() {
    return reply("PING").startsWith("+PONG");
  }

  /** Whether a server of ours listens there, even one that is still loading. */
  boolean isOurs() {
    String reply = reply("PING");
    return reply.startsWith("+PONG") || reply.startsWith("-LOADING");
  }

  /** Asks it to write everything down and end. */
  void shutDown() {
    reply("SHUTDOWN");
  }

  /** The first line of the answer; empty when there was none, or the password is another. */
  private String reply(String command) {
    try (Socket socket = new Socket()) {
      int millis = (int) PATIENCE.toMillis();
      socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), millis);
      socket.setSoTimeout(millis);
      OutputStream out = socket.getOutputStream();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      out.write(
          "AUTH %s\r\n%s\r\n"
              .formatted(password.reveal(), command)
              .getBytes(StandardCharsets.UTF_8));
      out.flush();
      String login = in.readLine();
      String answer = in.readLine();
      return login != null && login.startsWith("+OK") && answer != null ? answer : "";
    } catch (IOException e) {
      return "";
    }
  }
}
