package dev.buildman.agent.engine.matrix;

import java.util.List;
import java.util.Map;

/** The twenty Dockerfiles. The context of all of them is {@link MatrixContext}. */
final class MatrixCases {
  private MatrixCases() {}

  static final String LONG = "l".repeat(120) + "/" + "n".repeat(180);

  static final List<MatrixCase> ALL =
      List.of(
          MatrixCase.of(
              "several stages",
              """
              FROM scratch AS one
              COPY a /one
              FROM one AS two
              COPY a /two
              FROM scratch AS unused
              COPY missing /
              FROM scratch
              COPY --from=two /one /two /out/
              COPY --from=0 /one /zero
              """,
              "out d 755 0:0",
              "out/one f 644 0:0 A",
              "out/two f 644 0:0 A",
              "zero f 644 0:0 A"),
          MatrixCase.of(
                  "target",
                  "FROM scratch AS one\nCOPY a /one\nFROM one\nCOPY a /two\n",
                  "one f 644 0:0 A")
              .with("one", Map.of()),
          MatrixCase.of(
                  "ARG before FROM",
                  """
                  ARG FILE=missing
                  ARG HOME=none
                  FROM scratch
                  ARG FILE
                  ARG HOME
                  ARG UNSET=unset
                  ENV JOINED=${FILE}-${HOME}-${UNSET}
                  COPY ${FILE} /x
                  """,
                  "Env JOINED=a-a \"$b\\-unset",
                  "x f 644 0:0 A")
              .with("", Map.of("FILE", "a", "HOME", "a \"$b\\")),
          MatrixCase.of(
              "here-documents of COPY",
              """
              FROM scratch
              ENV WHO=world
              COPY <<one <<'two' /h/
              hello $WHO
              one
              hello $WHO
              two
              COPY --chmod=600 <<-E /single
              \t\ttabs
              E
              """,
              "Env WHO=world",
              "h d 755 0:0",
              "h/one f 644 0:0 hello world\\n",
              "h/two f 644 0:0 hello $WHO\\n",
              "single f 600 0:0 tabs\\n"),
          MatrixCase.of(
              "here-documents of RUN",
              """
              FROM %s
              ARG WHO=me
              RUN <<E
              echo one > /x
              echo "$WHO" >> /x
              E
              """,
              "x f 644 0:0 one\\nme\\n"),
          MatrixCase.of(
              "COPY --link",
              "FROM scratch\nCOPY --link a /x/y\n",
              "x d 755 0:0",
              "x/y f 644 0:0 A"),
          MatrixCase.of(
              "COPY --chmod in octal",
              "FROM scratch\nCOPY --chmod=4711 a dir/b /x/\n",
              "x d 755 0:0",
              "x/a f 4711 0:0 A",
              "x/b f 4711 0:0 B"),
          MatrixCase.of(
              "COPY --chmod in symbols",
              "FROM scratch\nCOPY --chmod=u=rwX,go=rX a script /x/\n",
              "x d 755 0:0",
              "x/a f 644 0:0 A",
              "x/script f 755 0:0 S"),
          MatrixCase.of(
              "COPY --chown", "FROM scratch\nCOPY --chown=12:34 a /x\n", "x f 644 12:34 A"),
          MatrixCase.of(
              "COPY --parents",
              "FROM scratch\nCOPY --parents dir/b dir/deep/./er/c /p/\n",
              "p d 755 0:0",
              "p/dir d 755 0:0",
              "p/dir/b f 644 0:0 B",
              "p/er d 755 0:0",
              "p/er/c f 644 0:0 C"),
          MatrixCase.of(
              "COPY --exclude",
              "FROM scratch\nCOPY --exclude=**/c dir /p/\n",
              "p d 755 0:0",
              "p/b f 644 0:0 B",
              "p/deep d 755 0:0",
              "p/deep/er d 755 0:0"),
          MatrixCase.of(
              "patterns and the ignore file",
              "FROM scratch\nCOPY di?/b a* /x/\nCOPY ignored* /y/\n",
              "x d 755 0:0",
              "x/a f 644 0:0 A",
              "x/b f 644 0:0 B",
              "y d 755 0:0",
              "y/ignored-not f 644 0:0 N"),
          MatrixCase.of(
              "links",
              "FROM scratch\nCOPY links /l/\n",
              "l d 755 0:0",
              "l/dangling l - 0:0 -> /nowhere",
              "l/hard1 f 644 0:0 H",
              "l/hard2 f 644 0:0 H",
              "l/soft l - 0:0 -> hard1"),
          MatrixCase.of(
              "setuid, sticky and closed modes",
              "FROM scratch\nCOPY modes /m/\n",
              "m d 755 0:0",
              "m/closed f 400 0:0 X",
              "m/setuid f 4755 0:0 X",
              "m/sticky d 1777 0:0"),
          MatrixCase.of(
              "long names and Unicode",
              "FROM scratch\nCOPY names /n/\n",
              "n d 755 0:0",
              "n/" + "l".repeat(120) + " d 755 0:0",
              "n/" + LONG + " f 644 0:0 L",
              "n/\u65e5\u672c\u8a9e f 644 0:0 \u00fc\u20ac"),
          MatrixCase.of(
              "times below a second",
              "FROM scratch\nCOPY times /t/\n",
              "t d 755 0:0",
              "t/file f 644 0:0 T @1234567890"),
          MatrixCase.of(
              "sparse files", "FROM scratch\nCOPY sparse /\n", "sparse f 644 0:0 67108864 bytes"),
          MatrixCase.of(
              "secrets leave nothing",
              """
              FROM %s
              RUN --mount=type=secret,id=token wc -c < /run/secrets/token > /size
              RUN --mount=type=secret,id=token,target=/tt cat /tt; true
              RUN --mount=type=secret,id=other echo none > /none
              """,
              "none f 644 0:0 none\\n",
              "size f 644 0:0 18\\n"),
          MatrixCase.of(
              "a failing RUN",
              "FROM %s\nRUN echo before\n\nRUN echo why >&2; exit 42\n",
              "fails: BUILD_ERROR line 4 exit 42"),
          MatrixCase.of(
              "a flood of output",
              "FROM %s\n"
                  + "RUN i=0; while [ $i -lt FLOOD ]; do cat /bin/busybox; i=$((i+1)); done | cat"
                  + " -v > /dev/null; j=0; while [ $j -lt LINES ]; do echo"
                  + " 0123456789012345678901234567890123456789012345678901234567890123; j=$((j+1));"
                  + " done; echo end > /end\n",
              "end f 644 0:0 end\\n"),
          MatrixCase.of(
              "ONBUILD and metadata",
              """
              FROM scratch
              ENV A=1 B="two words"
              WORKDIR /w/d
              USER 12:34
              EXPOSE 80 53/udp
              VOLUME /v
              STOPSIGNAL SIGUSR1
              LABEL one=1 "t w o"="2 2"
              ENTRYPOINT ["/e", "x"]
              CMD ["c"]
              HEALTHCHECK --interval=5s CMD ["/h"]
              ONBUILD COPY a /later
              """,
              "Cmd=[c]",
              "Entrypoint=[/e, x]",
              "Env A=1",
              "Env B=two words",
              "ExposedPorts=[53/udp, 80/tcp]",
              "Healthcheck=[CMD, /h]",
              "Label one=1",
              "Label t w o=2 2",
              "OnBuild=[COPY a /later]",
              "StopSignal=SIGUSR1",
              "User=12:34",
              "Volumes=[/v]",
              "WorkingDir=/w/d",
              "w d 755 0:0",
              "w/d d 755 0:0"));
}
