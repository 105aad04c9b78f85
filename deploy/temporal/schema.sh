#!/bin/sh
# Temporal's tables on PostgreSQL: made once, brought up to date on every later run. Needs temporal-sql-tool of the server's version.
# POSTGRES_ADDRESS host:port, POSTGRES_USER, POSTGRES_PASSWORD_FILE; STORES for a server whose visibility lies elsewhere.
set -eu
SQL_PASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"
export SQL_PASSWORD

tool() {
  database="$1"
  shift
  temporal-sql-tool --plugin postgres12_pgx --endpoint "${POSTGRES_ADDRESS%:*}" --port "${POSTGRES_ADDRESS##*:}" \
    --user "$POSTGRES_USER" --database "$database" "$@"
}

for store in ${STORES:-temporal visibility}; do
  case "$store" in
    temporal) database=temporal ;;
    visibility) database=temporal_visibility ;;
    *) echo "STORES: $store?" >&2; exit 2 ;;
  esac
  tool "$database" create
  # setup-schema on a database that has its tables would set their version back: only where the update finds none
  if ! said="$(tool "$database" update-schema --schema-name "postgresql/v12/$store" 2>&1)"; then
    case "$said" in
      *schema_version*"does not exist"*) ;;
      *) echo "$said" >&2; exit 1 ;;
    esac
    tool "$database" setup-schema -v 0.0
    tool "$database" update-schema --schema-name "postgresql/v12/$store"
  fi
  echo "ok: $database"
done
