# One image for web, worker and beat: docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DEBUG=false DATA_DIR=/data
WORKDIR /site
# What backups of PostgreSQL are made with; no older than the server of docker-compose.yml.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-15 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home site && install -d -o site /data

COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock

COPY manage.py ./
COPY opsrecords opsrecords
COPY approvals approvals
COPY records records
COPY templates templates
COPY static static
COPY docs docs
# Collected and compressed once, here. The secret is this step's only and stays in no layer.
RUN SECRET_KEY=collecting ALLOWED_HOSTS=none DATA_DIR=/tmp/data python manage.py collectstatic --no-input && rm -r /tmp/data

USER site
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "python:opsrecords.web_server", "opsrecords.wsgi", "--bind", "0.0.0.0:8000", \
     "--worker-tmp-dir", "/dev/shm"]
