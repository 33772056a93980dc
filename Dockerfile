# The desk in one image. Alone it runs everything (`docker run -p 127.0.0.1:8000:8000 -v desk:/data …`);
# compose.yaml runs its parts apart, on PostgreSQL and Valkey.
FROM python:3.12-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv
WORKDIR /desk

# Packages first: they change less often than the code.
COPY pyproject.toml ./
RUN uv sync --no-dev --no-cache
ENV PATH=/desk/.venv/bin:$PATH

COPY . .
RUN python -c "from helpdesk.translations import compile_catalogs; compile_catalogs()" \
    && useradd --create-home desk && mkdir /data && chown desk /data && chmod 700 /data

USER desk
ENV HELPDESK_DATA=/data
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "desk", "--host", "0.0.0.0"]
