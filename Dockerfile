# The portal for production: no compiler, no node, no embedded database, and no root in the last stage.
# Web, worker and beat are this one image with three commands; docker-compose.yml shows them together.

FROM node:24-bookworm-slim AS styles
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY static/src static/src
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.lock

FROM python:3.11-slim-bookworm
# Pango lays out the letters; harfbuzz-subset makes their fonts four times faster to embed.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal -m 700 /data/files /data/scratch
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    FILES_DIR=/data/files \
    SCRATCH_DIR=/data/scratch \
    DJANGO_SETTINGS_MODULE=achterhoek.settings.production
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
COPY --from=styles /src/static/dist static/dist
# Production settings refuse to start without these; here they only let the static files be put together.
RUN python -m achterhoek.l10n compile \
 && SECRET_KEY=only-while-the-image-is-built-and-in-no-container-that-runs \
    AUDIT_KEYS=only-while-the-image-is-built-and-in-no-container-that-runs \
    SEALING_KEYS=only-while-the-image-is-built-and-in-no-container-that-runs \
    ALLOWED_HOSTS=build.example BASE_URL=https://build.example \
    DATABASE_URL=postgres://build.example/none REDIS_URL=redis://build.example EMAIL_URL=smtp://build.example \
    python manage.py collectstatic --no-input --verbosity 0
USER portal
VOLUME /data/files /data/scratch
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["python", "-c", "import http.client as h, os; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0], 'X-Forwarded-Proto': 'https'}); raise SystemExit(c.getresponse().status != 200)"]
CMD ["gunicorn", "achterhoek.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--worker-connections", "5", "--keep-alive", "0", "--timeout", "120", "--graceful-timeout", "25", "--worker-tmp-dir", "/tmp", "--max-requests", "2000", "--max-requests-jitter", "200", "--access-logfile", "-", "--no-control-socket"]
