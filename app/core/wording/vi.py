"""Vietnamese: a draft until a native reader has seen it."""

from typing import Any

WORDS: dict[str, Any] = {
    "titles": {"completion": "Giấy chứng nhận hoàn thành", "participation": "Giấy xác nhận tham gia"},
    "no_assessment": "Không có đánh giá",
    "openings": {"completion": "{issuer} chứng nhận", "participation": "{issuer} xác nhận"},
    "opening_sample": "Bản mẫu, ghi tên",
    "deeds": {
        "completion": "đã hoàn thành khóa học trực tuyến tự học",
        "participation": "đã tham gia khóa học trực tuyến tự học",
    },
    "results": {
        "same": "phiên bản {version}, đạt mọi bài kiểm tra của các học phần và bài đánh giá cuối khóa với từ "
        "{final}% trở lên, ngày {date}",
        "both": "phiên bản {version}, đạt mọi bài kiểm tra của các học phần với từ {quizzes}% trở lên và bài đánh giá "
        "cuối khóa với từ {final}% trở lên, ngày {date}",
        "quizzes": "phiên bản {version}, đạt mọi bài kiểm tra của các học phần với từ {quizzes}% trở lên, ngày {date}",
        "final": "phiên bản {version}, đạt bài đánh giá cuối khóa với từ {final}% trở lên, ngày {date}",
        "none": "phiên bản {version}, ngày {date}",
    },
    "result_read": "phiên bản {version}, và đã đánh dấu đã đọc tất cả các mục tính đến ngày {date}. "
    "Văn bản này không dựa trên đánh giá nào.",
    "study": "Thời lượng học: khoảng {hours} giờ",
    "study_one": "Thời lượng học: khoảng {hours} giờ",
    "hours": "khoảng {hours} giờ",
    "hour": "khoảng {hours} giờ",
    "topics": "Nội dung: {topics}",
    "topics_joint": " · ",
    "until": "Có giá trị đến ngày {date}",
    "verify": "Đối chiếu với hồ sơ của chúng tôi tại {url}",
    "issued_alone": "Do riêng {issuer} cấp; Liên Hợp Quốc và ESCAP không cấp và không xác nhận văn bản này.",
    "issued_by_nobody": "Không do ai cấp: đây là bản mẫu; Liên Hợp Quốc và ESCAP không cấp và không xác nhận "
    "văn bản này.",
    "identity": "Tên được ghi theo lời khai của người được cấp; danh tính của người này chưa được kiểm tra.",
    "identity_short": "theo lời khai của người được cấp; chưa kiểm tra",
    "identity_confirmed": "Danh tính của người được cấp đã được {office} xác nhận ngày {date}.",
    "identity_confirmed_short": "được {office} xác nhận ngày {date}",
    "editions": {
        "name": "Bản {edition}: cấp lại với tên đã được sửa, thay cho số {number}.",
        "renewal": "Bản {edition}: gia hạn của số {number}.",
    },
    "no_credit": "Văn bản này không mang lại tín chỉ học thuật và không phải là giấy phép hành nghề.",
    "sources": "Khóa học sử dụng tài liệu công khai của Liên Hợp Quốc và các tổ chức khác làm nguồn.",
    "no_issuer": "không có (bản mẫu)",
    "marks": {
        "revoked": ("ĐÃ THU HỒI", "Văn bản này không còn giá trị; hồ sơ của chúng tôi theo số này cho biết lý do."),
        "demonstration": (
            "TRÌNH DIỄN",
            "Lập cho một người không có thật để giới thiệu cách hoạt động của trang; không chứng nhận điều gì.",
        ),
        "sample": (
            "BẢN MẪU",
            "Trang này chưa khai báo cơ quan cấp; không chứng nhận điều gì.",
        ),
        "trial": ("THỬ", "Lập trên một máy mà chỉ người dùng máy đó truy cập được; không chứng nhận điều gì."),
    },
    "labels": {
        "number": "Số",
        "name": "Tên",
        "name_latin": "Tên bằng chữ Latinh",
        "identity": "Danh tính",
        "kind": "Loại",
        "assessment": "Đánh giá",
        "course": "Khóa học",
        "version": "Phiên bản khóa học",
        "edition": "Bản",
        "date": "Ngày cấp",
        "expiry": "Có giá trị đến ngày",
        "hours": "Thời lượng học",
        "issuer": "Cơ quan cấp",
    },
    "months": tuple(f"tháng {month} năm" for month in range(1, 13)),  # 22 tháng 11 năm 2026
    "first_day": "1",
    "qr_alt": "Mã QR của địa chỉ {url}",
    "attachment": "Hồ sơ công khai như khi được cấp, dạng JSON",
    "attached": {
        "key": "Khóa công khai dùng để ký chứng nhận của cơ quan cấp",
        "signed": "Hồ sơ ở dạng ngắn, được ký bằng khóa đó",
    },
    "faults": {
        "empty": "Hãy nhập số ghi trên giấy chứng nhận, ví dụ LON-7K4M-2Q9X-HD37.",
        "symbols": "Số giấy chứng nhận chỉ gồm chữ cái và chữ số, không bao giờ có chữ U. Hãy đối chiếu với bản giấy.",
        "short": "Số này quá ngắn: sau LON có mười hai chữ cái và chữ số. Hãy đối chiếu với bản giấy.",
        "long": "Số này quá dài: sau LON có mười hai chữ cái và chữ số. Hãy đối chiếu với bản giấy.",
        "check": "Một chữ cái hoặc chữ số bị gõ sai, hoặc hai ký tự bị đổi chỗ. Hãy đối chiếu số với bản giấy.",
    },
}
