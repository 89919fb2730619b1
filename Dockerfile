# The daemon in a container. It writes to /var/lib/reconcile only; manifests and the config come from /etc/reconcile.
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json ./
# The scripts of dependencies are not needed, so they do not run.
RUN npm ci --ignore-scripts
COPY scripts scripts
COPY schemas schemas
COPY src src
RUN npm run build

FROM node:24-slim
# Git: commits in the audit trail, and `watch --git`.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends git ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/reconcile
# The bundle holds all its libraries; package.json says that it is made of modules.
COPY --from=build /build/package.json /opt/reconcile/
COPY --from=build /build/dist /opt/reconcile/dist
COPY --from=build /build/schemas /opt/reconcile/schemas
RUN ln --symbolic /opt/reconcile/dist/reconcile.js /usr/local/bin/reconcile
ENV NODE_ENV=production HOME=/var/lib/reconcile
WORKDIR /var/lib/reconcile
VOLUME /var/lib/reconcile
USER 10001:10001
EXPOSE 9464
# Any answer of /healthz but 200 makes fetch's `ok` false; no answer rejects.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:9464/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["reconcile"]
CMD ["watch", "--listen", "0.0.0.0:9464", "--config", "/etc/reconcile/reconcile.yaml", "--manifests", "/etc/reconcile/subscriptions", "--log-format", "json"]
