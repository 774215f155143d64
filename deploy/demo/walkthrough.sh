#!/usr/bin/env bash
# A facility from its application to its first contract, one voucher from claim to payment, and a violation
# from its record to what is paid back, by hand: what each of the people does, with curl.
# 一家开放单位从申请到服务、一张创新券从领取到拨付、一起违规从立案到追回资金的全过程。
#
# Wants an empty store and a clock that can be moved, and the server's directory as its own:
#     cargo run --release -- serve --simulated-clock        (in one terminal)
#     deploy/demo/walkthrough.sh                            (in another, from the same directory)
# Needs curl and python3 (to read JSON and letters). VOUCHER (the program), URL and MAIL can be set.
set -euo pipefail
URL=${URL:-http://127.0.0.1:8080}
MAIL=${MAIL:-data/mail}
VOUCHER=${VOUCHER:-target/release/voucher}
PASSWORD='a walkthrough password'
api="$URL/api/v1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'walkthrough: %s\n' "$*" >&2; exit 1; }
# field '["quote"]["claimable_fen"]' < json
field() { python3 -c 'import json,sys; print(eval("json.load(sys.stdin)" + sys.argv[1]))' "$1"; }

# call STATUS METHOD PATH TOKEN [BODY] [HEADER…]: the body of an answer that must have this status.
call() {
    local want=$1 method=$2 path=$3 token=$4 body=${5:-}
    shift $(($# < 5 ? $# : 5))
    local arguments=(-sS -X "$method" -o "$work/body" -D "$work/head" -w '%{http_code}' -H "Idempotency-Key: walk-$RANDOM$RANDOM$RANDOM")
    [ -z "$token" ] || arguments+=(-H "Authorization: Bearer $token")
    [ -z "$body" ] || arguments+=(-H 'Content-Type: application/json' -d "$body")
    for header in "$@"; do arguments+=(-H "$header"); done
    local status
    status=$(curl "${arguments[@]}" "$api$path")
    [ "$status" = "$want" ] || fail "$method $path: $status instead of $want: $(cat "$work/body")"
    cat "$work/body"
}

# The token in the newest letter to an address.
mailed() {
    python3 - "$MAIL" "$1" <<'PYTHON'
import email, pathlib, re, sys, time
place, address = pathlib.Path(sys.argv[1]), sys.argv[2]
for _ in range(60):
    for path in sorted(place.glob("*.eml"), reverse=True):
        letter = email.message_from_bytes(path.read_bytes())
        plain = [part for part in letter.walk() if part.get_content_type() == "text/plain"]
        if letter["To"] == address and plain:
            token = re.search(r"token=([\w-]+)", plain[0].get_payload(decode=True).decode("utf-8"))
            if token:
                sys.exit(print(token.group(1)))
    time.sleep(0.5)
sys.exit(f"no letter to {address} in {place}")
PYTHON
}

login() { call 200 POST /auth/login "" "{\"email\":\"$1\",\"password\":\"$PASSWORD\"}" | field '["access_token"]'; }
invited() { # ROLE EMAIL NAME [MORE]
    call 201 POST /users "$admin" "{\"role\":\"$1\",\"email\":\"$2\",\"name\":\"$3\"${4:-}}" >/dev/null
    call 204 POST /auth/password/reset "" "{\"token\":\"$(mailed "$2")\",\"password\":\"$PASSWORD\"}" >/dev/null
}
clock() { say "时钟拨到 / the clock is moved to $1"; call 200 PUT /dev/clock "" "{\"now\":\"$1\"}" >/dev/null; }
upload() { # TOKEN NAME: the id of a small PDF
    printf '%%PDF-1.4\n%% %s %s\n%%%%EOF\n' "$2" "$RANDOM$RANDOM" >"$work/$2.pdf"
    curl -sS -X POST -H "Authorization: Bearer $1" -F "file=@$work/$2.pdf" "$api/files" | field '["id"]'
}

say "管理员邀请经办、复核人员和专家 / the administrator invites officers and experts"
clock "${START:-2027-03-01T09:00:00+08:00}"
echo "$PASSWORD" | "$VOUCHER" admin create --email admin@walk.test --name 管理员
admin=$(login admin@walk.test)
invited officer officer1@walk.test 经办
invited officer officer2@walk.test 复核
for n in 1 2 3; do
    invited expert "expert$n@walk.test" "专家$n" ',"fields":["new_materials","intelligent_manufacturing"],"employer_name":"高校'"$n"'"'
done
officer1=$(login officer1@walk.test)
officer2=$(login officer2@walk.test)

say "开放单位注册并说明自己 / a facility registers and says what it is"
call 201 POST /auth/register "" '{"organization":{"kind":"facility","name":"北京恒信材料检测有限公司","uscc":"'"$(python3 - <<'PYTHON'
alphabet, weights = "0123456789ABCDEFGHJKLMNPQRTUWXY", [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
body = "91110105MA02HENGX"
print(body + alphabet[(31 - sum(alphabet.index(c) * w for c, w in zip(body, weights)) % 31) % 31])
PYTHON
)"'"},"name":"杨主任","email":"facility@walk.test","phone":"010-82610000","password":"'"$PASSWORD"'"}' >/dev/null
call 204 POST /auth/verify-email "" "{\"token\":\"$(mailed facility@walk.test)\"}" >/dev/null
facility=$(login facility@walk.test)
facility_id=$(call 200 GET /me "$facility" | field '["organization"]["id"]')
call 200 PUT /me/facility "$facility" '{"region":"beijing","district":"海淀区","nature":"enterprise","is_third_party_testing":false,"payee_name":"北京恒信材料检测有限公司","payee_bank":"北京银行","payee_account":"0109000000000000000"}' 'If-Match: *' >/dev/null

say "按第六条六项条件提出申请,经办审核通过 / it applies with the six conditions of Art. 6, an officer approves"
conditions=""
for condition in legal_person open_resources service_team demand_matching voucher_work sound_finance; do
    conditions="$conditions${conditions:+,}{\"condition\":\"$condition\",\"statement\":\"符合,见附件\",\"file_ids\":[\"$(upload "$facility" "$condition")\"]}"
done
application=$(call 201 POST /me/facility/application "$facility" "{\"conditions\":[$conditions],\"declaration\":true}" | field '["application"]["id"]')
call 200 POST "/facility-applications/$application/decision" "$officer1" '{"decision":"approve","remarks":"材料齐全"}' >/dev/null

say "公示 5 个工作日,无异议后开放服务 / 5 working days of notice, then it serves"
notice=$(call 201 POST /notices "$officer1" "{\"kind\":\"facility\",\"subject_ids\":[\"$facility_id\"]}")
echo "  公示至 / until $(field '["deadline"]["last_day"]' <<<"$notice")"
clock "$(field '["deadline"]["expires_at"]' <<<"$notice")"
officer1=$(login officer1@walk.test)
facility=$(login facility@walk.test)
for _ in $(seq 60); do
    [ "$(call 200 GET /me/facility "$facility" | field '["status"]')" = active ] && break
    sleep 0.5
done
[ "$(call 200 GET /me/facility "$facility" | field '["status"]')" = active ] || fail "the facility is not active"

say "导入价格表,公众检索“质谱”即可找到 / it imports its price list and is found by 「质谱」"
printf '\xef\xbb\xbf服务名称,服务内容,服务领域,服务类型,单价(元),计价单位,服务周期(天)\r\n高分辨质谱成分分析,新材料成分与杂质分析,新材料,分析,"1,200.00",样,10\r\n扫描电镜形貌观察,微观形貌,新材料,测试,６００元,机时,3天\r\n' >"$work/prices.csv"
for trial in '?dry_run=true' ''; do
    curl -sS --fail-with-body -X POST -H "Authorization: Bearer $facility" -F "file=@$work/prices.csv" "$api/me/facility/services/import$trial" || fail "the price list is not imported"
    echo
done
call 200 GET "/services?q=%E8%B4%A8%E8%B0%B1&facets=true" "" >"$work/found"
service=$(field '["items"][0]["id"]' <"$work/found")
echo "  $(field '["items"][0]["name"]' <"$work/found") · $(field '["items"][0]["facility_name"]' <"$work/found"), 共 / of $(field '["facets"]["total"]' <"$work/found")"

say "经办发布发放周期 / a cycle of 1 000 000 yuan is announced"
year=$(call 200 GET /dev/clock "" | field '["now"][:4]')
cycle=$(call 201 POST /cycles "$officer1" '{"name":"'"$year"' 年第一期","budget_fen":100000000,"opens_at":"'"$year"'-01-01T09:00:00+08:00","closes_at":"'"$year"'-12-31T18:00:00+08:00"}' | field '["id"]')
call 200 POST "/cycles/$cycle/publish" "$officer1" >/dev/null

say "企业注册、验证邮箱、填写信息、查看资格 / an enterprise registers and sees its findings"
call 201 POST /auth/register "" '{"organization":{"kind":"enterprise","name":"北京晶格新材料科技有限公司","uscc":"'"$(python3 - <<'PYTHON'
alphabet, weights = "0123456789ABCDEFGHJKLMNPQRTUWXY", [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
body = "91110108MA01WA1KT"
print(body + alphabet[(31 - sum(alphabet.index(c) * w for c, w in zip(body, weights)) % 31) % 31])
PYTHON
)"'"},"name":"李明","email":"firm@walk.test","phone":"13800138000","password":"'"$PASSWORD"'"}' >/dev/null
call 204 POST /auth/verify-email "" "{\"token\":\"$(mailed firm@walk.test)\"}" >/dev/null
firm=$(login firm@walk.test)
version=$(call 200 GET /me/profile "$firm" | field '["version"]')
call 200 PUT /me/profile "$firm" '{"region":"beijing","established_on":"'"$((year - 3))"'-05-10","is_legal_person":true,"employees":42,"annual_revenue_fen":800000000,"total_assets_fen":500000000,"has_finance_system":true,"has_bad_credit":false,"industry":"new_materials","certificates":[]}' "If-Match: \"$version\"" >/dev/null
call 200 GET "/me/eligibility?cycle_id=$cycle" "$firm" | python3 -c 'import json,sys
for finding in json.load(sys.stdin)["findings"]: print(" ", "✓" if finding["passed"] else "✗", "第" + finding["article"] + "条", finding["message"])'

say "企业领取 50 000 元 / it claims 50 000 yuan"
call 201 POST /vouchers "$firm" "{\"cycle_id\":\"$cycle\",\"amount_fen\":5000000,\"declaration\":true}" >"$work/voucher"
voucher=$(field '["id"]' <"$work/voucher")
echo "  $(field '["number"]' <"$work/voucher"), 登记期限 / to be registered by $(field '["register_by"]["last_day"]' <"$work/voucher")"

say "企业提出合作项目,开放单位确认 / a project is proposed and accepted"
project=$(call 201 POST /projects "$firm" "{\"facility_id\":\"$facility_id\",\"title\":\"高温合金杂质分析\",\"research\":\"研究微量杂质对高温合金性能的影响\",\"kind\":\"analysis\",\"service_ids\":[\"$service\"],\"voucher_ids\":[\"$voucher\"],\"planned_amount_fen\":12000000,\"is_statutory_testing\":false,\"has_municipal_funding\":false}" | field '["id"]')
call 200 POST "/projects/$project/submit" "$firm" >/dev/null
call 200 POST "/projects/$project/accept" "$facility" '{"remarks":"同意"}' >/dev/null

say "开放单位登记 120 000 元的合同 / a contract of 120 000 yuan is registered"
today=$(call 200 GET /dev/clock "" | field '["now"][:10]')
ends=$(python3 -c 'import datetime,sys; print(datetime.date.fromisoformat(sys.argv[1]) + datetime.timedelta(days=30))' "$today")
call 201 POST /contracts "$facility" "{\"project_id\":\"$project\",\"number\":\"HT-$year-001\",\"signed_on\":\"$today\",\"starts_on\":\"$today\",\"ends_on\":\"$ends\",\"amount_fen\":12000000,\"voucher_ids\":[\"$voucher\"],\"file_ids\":[\"$(upload "$facility" contract)\"]}" >"$work/contract"
contract=$(field '["id"]' <"$work/contract")
echo "  $(field '["quote"]["formula"]' <"$work/contract"), 兑现期限 / to be redeemed by $(field '["redeem_by"]["last_day"]' <"$work/contract")"
call 200 GET /me/worklist "$facility" >"$work/worklist"
echo "  待办 / to be done: $(python3 -c 'import json,sys
for tasks in json.load(sys.stdin)["lists"]:
    for item in tasks["items"]: print(tasks["title"], item["name"], item["last_day"])' <"$work/worklist")"
echo "  预计拨付 / expected: $(field '["forecast"]["quarters"]' <"$work/worklist")"

clock "$(python3 -c 'import datetime,sys; print(datetime.date.fromisoformat(sys.argv[1]) + datetime.timedelta(days=1))' "$ends")T09:00:00+08:00"
facility=$(login facility@walk.test)
firm=$(login firm@walk.test)
say "合同到期,开放单位按实际发生额 90 000 元申请兑现,企业确认 / redemption at an actual amount of 90 000 yuan"
evidence=""
for kind in contract invoice payment_proof service_report acceptance; do
    evidence="$evidence${evidence:+,}{\"kind\":\"$kind\",\"file_id\":\"$(upload "$facility" "$kind")\"}"
done
redemption=$(call 201 POST /redemptions "$facility" "{\"contract_id\":\"$contract\",\"actual_amount_fen\":9000000,\"invoices\":[{\"code\":\"011002100111\",\"number\":\"12345678\",\"amount_fen\":9000000}],\"evidence\":[$evidence],\"remarks\":\"服务已完成\"}" | field '["id"]')
call 200 POST "/redemptions/$redemption/submit" "$facility" >/dev/null
call 200 POST "/redemptions/$redemption/confirm" "$firm" '{"agrees":true,"rating":5,"remarks":"满意"}' >/dev/null

say "受理,抽取三名专家评审 / it is accepted and three experts review"
officer1=$(login officer1@walk.test)
officer2=$(login officer2@walk.test)
call 200 POST "/redemptions/$redemption/accept" "$officer1" '{"remarks":"材料齐全"}' >/dev/null
call 200 POST "/redemptions/$redemption/panel" "$officer1" '{"seed":"walkthrough"}' >/dev/null
for n in 1 2 3; do
    expert=$(login "expert$n@walk.test")
    call 200 GET /reviews "$expert" >"$work/reviews"
    review=$(field '["items"][0]["id"]' <"$work/reviews")
    version=$(call 200 GET "/reviews/$review" "$expert" | field '["version"]')
    call 200 PUT "/reviews/$review" "$expert" '{"scores":{"technical_content":90,"authenticity":95,"cost_reasonableness":88},"recommendation":"approve","amount_fen":4500000,"is_doubtful":false,"opinion":"材料真实,费用合理"}' "If-Match: \"$version\"" >/dev/null
done

say "一人形成结论,另一人核准 45 000 元 / one officer concludes, the other approves 45 000 yuan"
call 200 POST "/redemptions/$redemption/conclude" "$officer1" '{"decision":"approve","amount_fen":4500000,"opinion":"同意兑现"}' >/dev/null
call 409 POST "/redemptions/$redemption/approve" "$officer1" '{"decision":"approve","amount_fen":4500000,"opinion":"同意"}' | field '["detail"]'
call 200 POST "/redemptions/$redemption/approve" "$officer2" '{"decision":"approve","amount_fen":4500000,"opinion":"同意"}' >/dev/null

say "公示 5 个工作日 / published for 5 working days"
call 201 POST /notices "$officer1" "{\"kind\":\"redemption\",\"subject_ids\":[\"$redemption\"]}" >"$work/notice"
over=$(field '["deadline"]["expires_at"]' <"$work/notice")
call 409 POST /disbursements "$officer1" "{\"title\":\"提前拨付\",\"redemption_ids\":[\"$redemption\"]}" | field '["detail"]'

clock "$over"
say "拨付 / a batch pays"
officer1=$(login officer1@walk.test)
officer2=$(login officer2@walk.test)
call 201 POST /disbursements "$officer1" '{"title":"第一批"}' >"$work/batch"
batch=$(field '["id"]' <"$work/batch")
call 200 POST "/disbursements/$batch/approve" "$officer2" >"$work/batch"
line=$(field '["lines"][0]["id"]' <"$work/batch")
curl -sS -H "Authorization: Bearer $officer1" "$api/disbursements/$batch/export?format=csv"
call 200 POST "/disbursements/$batch/results" "$officer1" "{\"lines\":[{\"line_id\":\"$line\",\"outcome\":\"paid\",\"reference\":\"BANK-0001\"}]}" >/dev/null

say "抽查发现虚列支出:立案,当事单位陈述申辩 / a violation is recorded, and the party states its side"
call 201 POST /violations "$officer1" "{\"organization_id\":\"$facility_id\",\"kind\":\"false_accounts\",\"facts\":\"兑现材料中的一张发票与留存的服务记录不符。\"}" >"$work/violation"
violation=$(field '["id"]' <"$work/violation")
echo "  可陈述至 / it may do so until $(field '["statement_by"]["last_day"]' <"$work/violation")"
call 409 POST "/violations/$violation/decision" "$officer1" '{"finding":"经查证属实","sanctions":[{"kind":"ban"}]}' | field '["detail"]'
facility=$(login facility@walk.test)
call 200 POST "/violations/$violation/statement" "$facility" '{"statement":"该发票为误传,愿意退回相应资金。"}' >/dev/null

say "一人拟定处理,另一人批准:追回 10 000 元,取消三年申报资格 / one officer decides, another approves: 10 000 yuan are claimed back, and a ban of three years"
call 200 POST "/violations/$violation/decision" "$officer1" "{\"finding\":\"经查证属实\",\"sanctions\":[{\"kind\":\"claw_back\",\"redemption_id\":\"$redemption\",\"amount_fen\":1000000},{\"kind\":\"ban\"}]}" >/dev/null
call 409 POST "/violations/$violation/approve" "$officer1" | field '["detail"]'
call 200 POST "/violations/$violation/approve" "$officer2" >"$work/violation"
clawback=$(field '["sanctions"][0]["clawback"]["id"]' <"$work/violation")
call 201 POST "/clawbacks/$clawback/receipts" "$officer1" "{\"amount_fen\":1000000,\"received_on\":\"${over%%T*}\",\"reference\":\"BANK-0002\"}" >/dev/null

say "处理的效果:不能与该单位开展新的合作 / what it does: no new project with it"
firm=$(login firm@walk.test)
call 201 POST /vouchers "$firm" "{\"cycle_id\":\"$cycle\",\"amount_fen\":1000000,\"declaration\":true}" >"$work/voucher"
project=$(call 201 POST /projects "$firm" "{\"facility_id\":\"$facility_id\",\"title\":\"后续分析\",\"research\":\"进一步研究微量杂质的影响\",\"kind\":\"analysis\",\"service_ids\":[\"$service\"],\"voucher_ids\":[\"$(field '["id"]' <"$work/voucher")\"],\"planned_amount_fen\":2000000,\"is_statutory_testing\":false,\"has_municipal_funding\":false}" | field '["id"]')
call 409 POST "/projects/$project/submit" "$firm" | field '["detail"]'

say "账目 / the ledger"
call 200 GET "/cycles/$cycle" "$officer1" >"$work/cycle"
field '["accounts"]' <"$work/cycle"
[ "$(field '["accounts"]["paid"]' <"$work/cycle")" = 3500000 ] || fail "not 35 000 yuan paid"
[ "$(field '["accounts"]["recovered"]' <"$work/cycle")" = 1000000 ] || fail "not 10 000 yuan paid back"
[ "$(field '["accounts"]["lapsed"]' <"$work/cycle")" = 500000 ] || fail "not 5 000 yuan lapsed"
"$VOUCHER" verify
